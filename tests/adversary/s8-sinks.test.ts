import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { registrationOf } from './support/build.js';
import { identityPatterns } from './support/identity-patterns.js';
import { personOf } from './support/people.js';
import { buildPrograms, type Child, type Programs, startChild } from './support/programs.js';
import { printFound } from './support/report.js';
import { PatternSet } from './support/scan.js';
import { secretsOf } from './support/secrets.js';
import { asPrinted, idsIn, judgeRuns, printedAtDeath, runProgram, search, sinksOf } from './support/sinks.js';

/**
 * S8: every sink a process has. What the commands print, whatever they are given; temporary files; the logger at debug; what the platform
 * prints when nobody catches; its crash report and heap snapshot. Files of the registry: canaries.test.ts; errors: errors.test.ts.
 * The same searches of careless programs: s8-controls.test.ts.
 */
const PEOPLE = 24;
const identities = identityPatterns(0, PEOPLE + 10);
let root: string;
let home: string;
let programs: Programs;
const children: Child[] = [];

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
afterAll(async () => {
  for (const child of children) await child.end();
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
    const ran = runs.map(([, argv, input]) => runProgram([programs.cli, ...argv], home, input));
    expect(runs.map(([, argv], i) => `${argv[0]} ${ran[i]?.failed}`)).toEqual(runs.map(([code, argv]) => `${argv[0]} ${code !== 0}`));
    const found = judgeRuns(ran, home, identities);
    const said = Buffer.concat(ran.map(({ printed }) => printed));
    printFound(`S8 people in ${said.length} bytes printed by ${runs.length} commands`, found.people, 0);
    printFound('S8 temporary files of the commands', found.left.length, 0);
    expect(found).toEqual({ people: 0, left: [] });
    expect(said.toString()).toContain('party');
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
    children.push(child);
    const secrets = new PatternSet();
    await child.tell({ do: 'open', dir });
    for (let i = 0; i < PEOPLE; i++) {
      const made = makeSubmission({ ...registrationOf(i), claim: 'words' }, publicKeys, { backend: nodeBackend });
      for (const { bytes } of secretsOf(made)) secrets.add(bytes);
      await child.tell({ do: 'accept', submission: Buffer.from(made.bytes).toString('base64') });
    }
    for (const sink of await sinksOf(child, folder, dump)) {
      const { people, found } = search(sink, identities, secrets);
      printFound(`S8 people in ${sink.name} of an intake`, people, 0);
      printFound(`S8 phrases, keys, ids and salts in ${sink.name} of an intake`, found, 0);
      expect({ sink: sink.name, people, found }).toEqual({ sink: sink.name, people: 0, found: 0 });
    }
    expect((await child.printed()).toString().match(/^debug accepted/gmu)).toHaveLength(PEOPLE);

    // And then it sorts: now ids pass through it. The log still says numbers only.
    await child.tell({ do: 'sort' });
    await child.tell({ do: 'publish' });
    const log = asPrinted(await child.printed());
    const ids = idsIn(log, secrets);
    printFound('S8 ids in the log of sort and publication', ids.known, 0);
    printFound('S8 what looks like an id in the log of sort and publication', ids.alike, 0);
    expect(ids).toEqual({ known: 0, alike: 0 });
    expect(log.toString()).toMatch(/^info published/mu);
  });

  it('an error nobody catches is printed without the input', async () => {
    const folder = join(root, 'uncaught-home');
    mkdirSync(folder);
    const child = startChild(programs.child, folder);
    children.push(child);
    await child.tell({ do: 'open', dir: join(root, 'intake') });
    const leaking = registrationOf(5, {
      alias: personOf(5).names[0] as string,
      text: `I, ${personOf(5).names[1]}, of ${personOf(5).address}`,
    });
    const sink = await printedAtDeath(child, { do: 'fail', registration: leaking });
    const { people } = search(sink, identities, new PatternSet());
    printFound('S8 people in an uncaught error', people, 0);
    expect(sink.bytes.toString()).toContain('RegistryError');
    expect(people).toBe(0);
  });
});
