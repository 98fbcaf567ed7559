import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { decodeInner } from '../../src/submit/inner-format.js';
import { registrationOf } from './support/build.js';
import { identityPatterns } from './support/identity-patterns.js';
import { personOf } from './support/people.js';
import { buildPrograms, type Programs, startChild } from './support/programs.js';
import { printFound, printFoundControl } from './support/report.js';
import { filesBelow, PatternSet } from './support/scan.js';

/**
 * S8: every sink a process has. What the commands print, whatever they are given; temporary files; the logger at debug; what the platform
 * prints when nobody catches; its crash report and heap snapshot. Files of the registry: canaries.test.ts; errors: errors.test.ts.
 */
const PEOPLE = 24;
const { patterns, peopleOf } = identityPatterns(0, PEOPLE + 10);
let root: string;
let home: string;
let programs: Programs;
let said = '';

const named = (text: string): number => peopleOf(patterns.scan(Buffer.from(text)).map(({ pattern }) => pattern));

/** The command as somebody runs it; its home, working directory and folder for temporary files are one and empty. */
function cli(argv: readonly string[], input = ''): { readonly code: number | null; readonly text: string } {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, [programs.cli, ...argv], { cwd: home, env, input, encoding: 'utf8' });
  said += stdout + stderr;
  return { code: status, text: stdout + stderr };
}

const csv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')).join('\n');

const rowOf = (i: number, change: readonly string[] = []): string[] => {
  const { names, phone, email, address, workplace, birthDate, birthplace } = personOf(i);
  const row = [names[0] as string, birthDate, '', birthplace, phone, email, address, workplace, 'jin fu', 'party'];
  for (const [k, value] of change.entries()) if (value !== '') row[k] = value;
  return row;
};
const HEAD = ['name', 'birth_date', 'sex', 'birthplace', 'phone', 'email', 'address', 'workplace', 'alias', 'categories'];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'adversary-sinks-'));
  home = join(root, 'home');
  mkdirSync(home);
  programs = buildPrograms();
});
afterAll(() => {
  programs.remove();
  rmSync(root, { recursive: true, force: true });
});

describe('the command', () => {
  const dir = (): string => join(root, 'registry');
  const file = (name: string, text: string | Buffer): string => {
    const path = join(root, name);
    writeFileSync(path, text);
    return path;
  };

  it('given good and bad input of every kind, prints no identity and leaves no file of its own', () => {
    const people = Array.from({ length: PEOPLE }, (_, i) => rowOf(i));
    const [alias, category, birth] = [8, 9, 1].map((k) => Array.from({ length: k + 1 }, (_, at) => (at === k ? 'x' : '')));
    const bad = [
      rowOf(
        PEOPLE,
        (alias as string[]).map((value, k) => (k === 8 ? (personOf(PEOPLE).names[0] as string) : value)),
      ),
      rowOf(
        PEOPLE + 1,
        (category as string[]).map((value, k) => (k === 9 ? personOf(PEOPLE + 1).phone : value)),
      ),
      rowOf(
        PEOPLE + 2,
        (birth as string[]).map((value, k) => (k === 1 ? personOf(PEOPLE + 2).address : value)),
      ),
      ['', personOf(PEOPLE + 3).phone],
    ];
    const person = JSON.stringify(registrationOf(PEOPLE + 4));
    const runs: [number, string[], string?][] = [
      [0, ['init', '--dir', dir(), '--custody', join(root, 'custody'), '--policy', 'tiny']],
      [1, ['init', '--dir', dir(), '--custody', join(root, 'custody'), '--policy', 'tiny']],
      [0, ['import', file('good.csv', csv([HEAD, ...people])), '--dir', dir()]],
      [1, ['import', file('bad.csv', csv([HEAD, ...bad])), '--dir', dir(), '--json']],
      [2, ['import', file('head.csv', csv([rowOf(PEOPLE + 3), rowOf(PEOPLE + 5)])), '--dir', dir()]],
      [1, ['import', file('open.csv', `${csv([HEAD, rowOf(PEOPLE + 5)])}\n"${personOf(PEOPLE + 6).address}`), '--dir', dir()]],
      [1, ['import', file('bytes.csv', Buffer.concat([Buffer.from([255, 254, 0]), Buffer.from(csv(people))])), '--dir', dir()]],
      [0, ['register', '--dir', dir(), '--json'], person],
      [1, ['register', '--dir', dir()], `${person} and ${personOf(PEOPLE + 7).names[0]}`],
      [1, ['register', '--dir', dir()], person.replace('"names"', `"${personOf(PEOPLE + 8).phone}"`)],
      [1, ['register', '--dir', dir()], person.replace('jin fu', personOf(PEOPLE + 4).names[0] as string)],
      [0, ['sort', '--dir', dir()]],
      [0, ['publish', '--dir', dir(), '--now', '--json']],
      [0, ['counts', '--dir', dir()]],
      [0, ['entries', '--dir', dir(), '--json']],
      [1, ['claim', '--dir', dir()], `${personOf(PEOPLE + 9).address}\n`],
      [0, ['maintain', '--dir', dir(), '--json']],
      [0, ['health', '--dir', dir()]],
      [2, ['health', '--dir', dir(), `--${personOf(3).names[0]}`]],
    ];
    const codes = runs.map(([, argv, input]) => cli(argv, input).code !== 0);
    expect(runs.map(([, argv], i) => `${argv[0]} ${codes[i]}`)).toEqual(runs.map(([code, argv]) => `${argv[0]} ${code !== 0}`));
    const people_ = named(said);
    printFound(`S8 people in ${said.length} characters printed by ${runs.length} commands`, people_, 0);
    printFound('S8 temporary files of the commands', filesBelow(home).length, 0);
    expect([people_, filesBelow(home).map(({ name }) => name)]).toEqual([0, []]);
    expect(said).toContain('party');
  });

  it('control: a line that quotes is noticed', () => {
    const quoted = Array.from({ length: PEOPLE }, (_, i) => `error: cannot read ${rowOf(i).join(' ')}`).join('\n');
    printFoundControl('S8 people in a log that quotes', named(quoted));
    expect(named(quoted)).toBe(PEOPLE);
  });
});

describe('a server that took statements sealed on devices', () => {
  it('log, crash report, heap snapshot and temporary files name nobody, no phrase, no key, no link', async () => {
    const [dir, dump, folder] = ['intake', 'dump', 'intake-home'].map((name) => join(root, name)) as [string, string, string];
    for (const made of [dump, folder]) mkdirSync(made);
    const { keys } = await createCustody({ quorum: 2, custodians: 2 });
    const registry = await openRegistry({ dir, keys, policy: makePolicy('standard', ['party']) }, { backend: nodeBackend });
    const publicKeys = await registry.publicKeys();
    await registry.close();
    const child = startChild(programs.child, folder);
    const secrets = new PatternSet();
    const secret = (bytes: Uint8Array): void => {
      secrets.add(bytes);
      secrets.add(Buffer.from(Buffer.from(bytes).toString('hex')));
      secrets.add(Buffer.from(Buffer.from(bytes).toString('base64').slice(0, 20)));
    };
    await child.tell({ do: 'open', dir });
    for (let i = 0; i < PEOPLE; i++) {
      const made = makeSubmission({ ...registrationOf(i), claim: 'words' }, publicKeys, { backend: nodeBackend });
      const { recordId, shred, salt, locator } = decodeInner(made.inner.reveal());
      for (const bytes of [recordId, shred, salt, locator, Buffer.from(made.entryId, 'hex')]) secret(bytes);
      secrets.add(Buffer.from(made.claim?.reveal() ?? ''));
      await child.tell({ do: 'accept', submission: Buffer.from(made.bytes).toString('base64') });
    }
    const planted = secrets.scan(Buffer.concat([Buffer.from('debug accepted '), secrets.pattern(0), Buffer.from('\n')])).length;
    printFoundControl('S8 ids in a log that says one', planted);
    expect(planted).toBe(1);
    await child.tell({ do: 'dump', folder: dump });
    const heap = Buffer.from((JSON.parse(readFileSync(join(dump, 'heap.json'), 'utf8')) as { strings: string[] }).strings.join('\n'));
    const sinks: [string, Buffer][] = [
      ['log and console', Buffer.from(child.printed())],
      ['crash report', readFileSync(join(dump, 'report.json'))],
      ['heap snapshot', heap],
      ['temporary files', Buffer.concat(filesBelow(folder).map(({ bytes }) => bytes))],
    ];
    for (const [sink, bytes] of sinks) {
      const people = peopleOf(patterns.scan(bytes).map(({ pattern }) => pattern));
      const found = secrets.scan(bytes).length;
      printFound(`S8 people in ${sink} of an intake`, people, 0);
      printFound(`S8 phrases, keys, ids and salts in ${sink} of an intake`, found, 0);
      expect({ sink, people, found }).toEqual({ sink, people: 0, found: 0 });
    }
    expect(child.printed().match(/^debug accepted/gmu)).toHaveLength(PEOPLE);

    // And then it sorts: now ids pass through it. The log still says numbers only.
    await child.tell({ do: 'sort' });
    await child.tell({ do: 'publish' });
    const log = Buffer.from(child.printed());
    printFound('S8 ids in the log of sort and publication', secrets.scan(log).length, 0);
    expect([secrets.scan(log).length, /[0-9a-f]{16}/u.test(child.printed())]).toEqual([0, false]);
    await child.end();
  });

  it('control: a crash report of a process that was started with a name says it', () => {
    const folder = join(root, 'report-control');
    mkdirSync(folder);
    const [name] = personOf(0).names as [string];
    spawnSync(process.execPath, ['-e', "process.report.writeReport('report.json')", name], { cwd: folder });
    const people = peopleOf(patterns.scan(readFileSync(join(folder, 'report.json'))).map(({ pattern }) => pattern));
    printFoundControl('S8 people in the crash report of a process started with a name', people);
    expect(people).toBe(1);
  });

  it('an error nobody catches is printed without the input', async () => {
    const folder = join(root, 'uncaught-home');
    mkdirSync(folder);
    const child = startChild(programs.child, folder);
    await child.tell({ do: 'open', dir: join(root, 'intake') });
    const leaking = registrationOf(5, {
      alias: personOf(5).names[0] as string,
      text: `I, ${personOf(5).names[1]}, of ${personOf(5).address}`,
    });
    await child.tell({ do: 'fail', registration: leaking });
    await expect(child.tell({ do: 'forget' })).rejects.toThrow('the child died');
    printFound('S8 people in an uncaught error', named(child.printed()), 0);
    expect(child.printed()).toContain('RegistryError');
    expect(named(child.printed())).toBe(0);
  });
});
