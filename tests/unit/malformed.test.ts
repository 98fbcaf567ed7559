import { describe, expect, it } from 'vitest';
import { RegistryError } from '../../src/foundation/errors.js';
import { echoOf } from '../malformed/echo.js';
import { fuzz, saidBy } from '../malformed/fuzz.js';
import { type Format, FORMATS } from '../malformed/formats.js';
import { formatFolders, readBases, readMalformations, strayFiles } from '../malformed/load.js';
import { recordFact } from '../support/fact.js';

const TOTAL = 996;

/** What decoding ends with: the code, the class of a caller's bug, or `returned`; and everything an operator would read about it. */
async function refusalOf(format: Format, bytes: Uint8Array): Promise<{ readonly code: string; readonly said: string }> {
  try {
    await format.again(bytes);
    return { code: 'returned', said: '' };
  } catch (error) {
    if (!(error instanceof Error)) return { code: 'not an error', said: '' };
    return { code: error instanceof RegistryError ? error.code : error.name, said: saidBy(error) };
  }
}

describe('malformed files', () => {
  it(`are ${TOTAL}, a folder for each format`, () => {
    expect([...formatFolders()].sort()).toEqual(FORMATS.map(({ name }) => name).sort());
    expect(FORMATS.reduce((sum, { files }) => sum + files, 0)).toBe(TOTAL);
  });

  it('positive control: an echo of an input is seen', () => {
    const input = new TextEncoder().encode('{"names":["Wang Xiaoming"]}');
    expect(echoOf(input, 'names: no such name: Wang Xiaoming')).toBe('Wang X');
    expect(echoOf(input, `key ${Buffer.from(input.slice(11, 17)).toString('hex')} is unknown`)).toBeDefined();
    expect(echoOf(input, `key ${Buffer.from(input.slice(9, 18)).toString('base64')} is unknown`)).toBeDefined();
    expect(echoOf(input, 'identity: names breaks a rule')).toBeUndefined();
    const share = Buffer.from('Key share of custodian 12 of 30, call 138 123');
    expect(echoOf(share, 'the share of custodian 12 is damaged or false')).toBeUndefined();
    expect(echoOf(share, 'no such number: 138 123')).toBe(' 138 1');
  });
});

describe.each(FORMATS)('malformed: $name', (format) => {
  const bases = readBases(format.name);
  const malformations = readMalformations(format.name);

  it('the folder holds exactly its files', () => {
    recordFact({
      kind: 'malformed',
      name: format.name,
      values: { files: malformations.length, codes: [...new Set(malformations.map(({ code }) => code))].sort().join(' ') },
    });
    expect(strayFiles(format.name)).toEqual([]);
    expect(malformations.map(({ name }) => Number(name.slice(0, 2)))).toEqual(Array.from({ length: format.files }, (_, i) => i + 1));
    const different = new Set([...bases, ...malformations].map(({ bytes }) => Buffer.from(bytes).toString('latin1')));
    expect(different.size).toBe(bases.length + malformations.length);
  });

  it.each(bases)('positive control: $what', async ({ bytes }) => {
    expect(Buffer.from(await format.again(bytes)).equals(Buffer.from(bytes))).toBe(true);
  });

  it('has a base', () => {
    expect(bases.length).toBeGreaterThanOrEqual(1);
  });

  it.each(malformations)('$code: $name', async ({ what, code, bytes }) => {
    const refusal = await refusalOf(format, bytes);
    expect(refusal.code, what).toBe(code);
    expect(format.refusals).toContain(code);
    expect(echoOf(bytes, refusal.said), 'the message says what was in the input').toBeUndefined();
  });
});

describe('fuzzing', () => {
  const CASES = 2000;
  /** Left to the long run, each for a reason. */
  const NOT_HERE: Readonly<Record<string, string>> = { csv: 'reads whole files of rows: 3 ms a case' };

  it.each(FORMATS.filter(({ name }) => !Object.hasOwn(NOT_HERE, name)))(
    `$name: ${CASES} mutated inputs, each refused with its code or read exactly`,
    async (format) => {
      const { defects, accepted } = await fuzz(format, 'unit', CASES);
      expect(defects).toEqual([]);
      expect(accepted).toBeGreaterThan(0);
    },
  );

  it('what is left to the long run, tests/slow/fuzz.test.ts, is a format', () => {
    expect(FORMATS.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(NOT_HERE)));
  });

  it('positive control: a parser that skips what follows, and one that throws something else, are found', async () => {
    const [link] = FORMATS.filter(({ name }) => name === 'link') as [Format];
    const lenient = await fuzz({ ...link, again: (bytes) => link.again(bytes.slice(0, 56)) }, 'control', 500);
    expect(lenient.defects[0]).toMatch(/^encodes to other bytes: link, seed control, case \d+, /);
    const careless = await fuzz(
      { ...link, again: (bytes) => (bytes.length === 56 ? bytes : expect.fail('not a coded error')) },
      'control',
      500,
    );
    expect(careless.defects[0]).toMatch(/^throws AssertionError: link/);
    const echoing = (bytes: Uint8Array): never => {
      throw new RegistryError('FORMAT_INVALID', `not a link: ${Buffer.from(bytes).toString('hex')}`);
    };
    const talkative = await fuzz({ ...link, again: echoing }, 'control', 500);
    expect(talkative.defects[0]).toMatch(/^repeats its input: link/);
  });
});
