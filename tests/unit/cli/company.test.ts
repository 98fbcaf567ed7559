import { describe, expect, it } from 'vitest';
import { whatWaits } from '../../../src/edges/cli/company.js';
import { makePolicy } from '../../../src/index.js';

const STANDARD = makePolicy('standard', ['party']);

describe('what waits to be sorted', () => {
  it('with the rule of the policy', () => {
    expect(whatWaits(3, STANDARD)).toBe('3 submissions wait for company: sorted when 64 are there, or when they are a day old.');
    expect(whatWaits(1, STANDARD)).toBe('1 submission waits for company: sorted when 64 are there, or when it is a day old.');
    const patient = { ...STANDARD, sortMinimum: 2000, sortMaxWaitDays: 7 };
    expect(whatWaits(1999, patient)).toBe('1,999 submissions wait for company: sorted when 2,000 are there, or when they are 7 days old.');
  });

  it('without it where there is company enough', () => {
    expect(whatWaits(64, STANDARD)).toBe('64 submissions still wait to be sorted.');
    expect(whatWaits(1, makePolicy('tiny', ['party']))).toBe('1 submission still waits to be sorted.');
  });
});
