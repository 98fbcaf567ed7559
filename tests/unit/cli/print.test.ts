import { describe, expect, it } from 'vitest';
import { ImportProgress } from '../../../src/edges/cli/import-progress.js';
import type { Output } from '../../../src/edges/cli/output.js';
import { counted, displayWidth, grouped, padEnd, printFacts } from '../../../src/edges/cli/print.js';
import { reportError } from '../../../src/edges/cli/report-error.js';
import { RegistryError } from '../../../src/index.js';

function capture(isTTY = false) {
  const text = { out: '', err: '' };
  const write = (stream: 'out' | 'err') => (more: string) => {
    text[stream] += more;
  };
  const output: Output = { out: write('out'), err: write('err'), isTTY };
  return { text, output };
}

describe('columns', () => {
  it('count what a terminal shows', () => {
    expect(['jin fu', '金福', 'ｊ', 'é', '한글', '', 'العربية'].map(displayWidth)).toEqual([6, 4, 2, 1, 4, 0, 7]);
    expect(padEnd('金福', 6)).toBe('金福  ');
    expect(padEnd('longer than that', 4)).toBe('longer than that');
  });

  it('align', () => {
    const { text, output } = capture();
    printFacts(output, [
      ['total', 1_234_567],
      ['金福', 'x'],
    ]);
    expect(text.out).toBe('  total  1,234,567\n  金福   x\n');
  });

  it('numbers are grouped and counted', () => {
    expect([0, 999, 1000, 1_000_000].map(grouped)).toEqual(['0', '999', '1,000', '1,000,000']);
    expect([counted(1, 'row'), counted(2, 'row'), counted(0, 'person', 'people')]).toEqual(['1 row', '2 rows', '0 people']);
  });
});

describe('progress', () => {
  it('is a line that moves on a terminal', () => {
    const { text, output } = capture(true);
    let now = 0;
    const progress = new ImportProgress(output, 1000, () => now);
    now = 2000;
    progress.show(500, 100);
    expect(text.err).toBe('\r\x1b[K[============            ] 500 of 1,000 rows, 200 a second, 3 s left');
    progress.end();
    expect(text.err.endsWith('\r\x1b[K')).toBe(true);
  });

  it('is a line every five seconds elsewhere', () => {
    const { text, output } = capture();
    let now = 0;
    const progress = new ImportProgress(output, 100_000_000, () => now);
    for (now = 1000; now <= 12_000; now += 1000) progress.show(now, 0);
    expect(text.err.split('\n')).toHaveLength(4);
    expect(text.err).toMatch(/^1,000 of 100,000,000 rows, 1,000 a second, 27 h 46 min left\n/);
    progress.end();
    expect(text.err.endsWith('left\n')).toBe(true);
  });
});

describe('errors', () => {
  const cases: readonly [unknown, number, string][] = [
    [new RegistryError('USAGE', 'wrong'), 2, 'error USAGE: wrong\n'],
    [new RegistryError('STORE_INTEGRITY', 'damaged'), 3, 'error STORE_INTEGRITY: damaged\n'],
    [new RegistryError('SHARE_BAD', 'a share is bad', { custodian: 2 }), 1, 'error SHARE_BAD: a share is bad (custodian 2)\n'],
    [
      new RegistryError('SHARE_BAD', 'the share of custodian 2 is bad', { custodian: 2 }),
      1,
      'error SHARE_BAD: the share of custodian 2 is bad\n',
    ],
    [
      new RegistryError('IDENTITY_INVALID', 'bad', { field: 'identity.names', row: 3 }),
      1,
      'error IDENTITY_INVALID: bad (field identity.names, number 3)\n',
    ],
    [new TypeError('王建国 is not a function'), 1, 'error INTERNAL\n'],
    ['王建国', 1, 'error INTERNAL\n'],
  ];
  it.each(cases)('%#', (error, code, message) => {
    const { text, output } = capture();
    expect(reportError(error, output, false)).toBe(code);
    expect(text).toEqual({ out: '', err: message });
    const json = capture();
    expect(reportError(error, json.output, true)).toBe(code);
    expect(json.text.err).not.toContain('王建国');
    expect(JSON.parse(json.text.err)).toMatchObject({ error: { code: /error (\w+)/.exec(message)?.[1] } });
  });
});
