import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/edges/cli/commands.js';
import { cli } from '../../support/cli-shell.js';

const CANARY = '王建国';

describe('wrong use exits with 2 and repeats nothing', () => {
  const wrong: readonly string[][] = [
    [],
    [CANARY],
    ['counts'],
    ['counts', '--dir'],
    ['counts', '--dir', ''],
    ['counts', '--dir', 'a', '--dir', 'b'],
    ['counts', '--dir', 'a', CANARY],
    ['counts', '--dir', 'a', `--${CANARY}`],
    ['counts', '--dir', 'a', '--json=yes'],
    ['register', '--dir', 'a', CANARY],
    ['register'],
    ['register', '--dir', 'a', '--file', '/nowhere/at/all.json'],
    ['import', '--dir', 'a'],
    ['import', 'a.csv'],
    ['import', 'a.csv', 'b.csv', '--dir', 'a'],
    ['import', 'a.csv', '--dir', 'a', '--batch', '0'],
    ['import', 'a.csv', '--dir', 'a', '--batch', '1e3'],
    ['sort'],
    ['publish', '--dir', 'a', '--at', 'tomorrow'],
    ['publish', '--dir', 'a', '--at', '2026-02-30'],
    ['publish', '--dir', 'a', '--at', '2026-02-03T10:00'],
    ['publish', '--dir', 'a', '--at', '1969-12-31'],
    ['publish', '--dir', 'a', '--at', '2026-02-03', '--now'],
    ['entries', '--dir', 'a', '--from', '-1'],
    ['entries', '--dir', 'a', '--limit', '0'],
    ['entries', '--dir', 'a', '--limit', '1.5'],
    ['records'],
    ['records', '--dir', 'a', '--record', 'b'],
    ['records', '--dir', 'a', '--out', 'b'],
    ['records', '--dir', 'a', '--record', CANARY, '--out', 'a/b'],
    ['maintain'],
    ['health'],
    ['keys'],
    ['open', '--dir', 'a', '--record', 'b'],
    ['open', '--dir', 'a', '--shares', 'c'],
    ['open', '--shares', 'c'],
    ['open', '--record', 'b', '--shares', 'c'],
    ['open', '--record-file', 'b'],
    ['open', '--record-file', 'b', '--dir', 'a', '--shares', 'c'],
    ['open', '--record-file', 'b', '--record', 'b', '--shares', 'c'],
    ['open', '--record-file', 'b', '--dir', 'a', '--record', 'b', '--shares', 'c'],
    ['open', '--dir', 'a', '--record', 'b', '--shares', '/nowhere/at/all.share'],
    ['open', '--dir', 'a', '--record', 'b', '--shares', 'c', '--compartments', 'everything'],
    ['share'],
    ['share', '/nowhere/at/all.share'],
    ['init', '--dir', 'a'],
    ['init', '--dir', 'a', '--custody', 'b', '--quorum', '6'],
    ['init', '--dir', 'a', '--custody', 'b', '--quorum', '1'],
    ['init', '--dir', 'a', '--custody', 'b', '--custodians', '17'],
    ['init', '--dir', 'a', '--custody', 'b', '--policy', 'loose'],
    ['init', '--dir', 'a', '--custody', 'b', '--categories', 'party,party'],
    ['init', '--dir', 'a', '--custody', 'b', '--categories', CANARY],
    ['help', CANARY],
    ['demo', '--people', 'many'],
  ];
  it.each(wrong.map((argv) => ({ line: argv.join(' ') || '(nothing)', argv })))('$line', async ({ argv }) => {
    const { code, out, err } = await cli(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error USAGE: .+\n/);
    expect(err).not.toContain(CANARY);
  });

  it('as one JSON document on stderr with --json', async () => {
    const { code, out, err } = await cli(['counts', '--json', CANARY]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'USAGE' } });
    expect(err).not.toContain(CANARY);
  });
});

describe('help', () => {
  it.each([['help'], ['--help'], ['-h']])('%s lists every command', async (word) => {
    const { code, out, err } = await cli([word]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const { name } of COMMANDS) expect(out).toContain(`  ${name} `);
  });

  it('shows one command, three ways, without its options being needed', async () => {
    const shown = await Promise.all([cli(['help', 'import']), cli(['import', '--help']), cli(['import', '-h'])]);
    for (const { code, out } of shown) {
      expect(code).toBe(0);
      expect(out).toContain('cryptonym import FILE.csv --dir D [--dry-run]');
      expect(out).toContain('birth_date');
    }
  });

  it('is one JSON document with --json', async () => {
    const { out } = await cli(['help', '--json']);
    expect((JSON.parse(out) as { commands: unknown[] }).commands).toHaveLength(COMMANDS.length);
  });
});

describe('a folder without a registry', () => {
  it.each(['sort', 'publish', 'maintain', 'counts', 'entries', 'records', 'health', 'keys'])('%s fails with 1 and a code', async (name) => {
    const { code, out, err } = await cli([name, '--dir', '/nowhere/at/all']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error REGISTRY_NOT_INITIALISED: /);
  });
});
