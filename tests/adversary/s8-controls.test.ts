import { isUtf8 } from 'node:buffer';
import { mkdtempSync, rmSync } from 'node:fs';
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
import { scanProcess } from './support/process-memory.js';
import { buildPrograms, type Child, type Leak, leakOf, type Programs, startChild } from './support/programs.js';
import { printFoundControl } from './support/report.js';
import { PatternSet } from './support/scan.js';
import { secretsOf } from './support/secrets.js';
import { idsIn, judgeRuns, printedAtDeath, runProgram, search, type Sink, sinksOf } from './support/sinks.js';

/** The searches of s8-sinks.test.ts on programs that leak, one sink after the other; and every disguise of a datum through every sink. */
const PEOPLE = 12;
const identities = identityPatterns(0, PEOPLE);
const { patterns } = identities;
const all = (set: PatternSet): Buffer[] => Array.from({ length: set.size }, (_, i) => set.pattern(i));
const needles = all(patterns);
const secrets = new PatternSet();
let root: string;
let programs: Programs;
const children: Child[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'adversary-careless-'));
  programs = buildPrograms();
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  const registry = await openRegistry(
    { dir: join(root, 'registry'), keys, policy: makePolicy('tiny', ['party']) },
    { backend: nodeBackend },
  );
  const made = makeSubmission({ ...registrationOf(0), claim: 'words' }, await registry.publicKeys(), { backend: nodeBackend });
  for (const { bytes } of secretsOf(made)) secrets.add(bytes);
  await registry.close();
});
afterAll(async () => {
  for (const child of children) await child.end();
  programs.remove();
  rmSync(root, { recursive: true, force: true });
});

function start(name: string): { child: Child; home: string; dump: string } {
  const [home, dump] = [name, 'dump'].map((folder) => mkdtempSync(join(root, `${folder}-`))) as [string, string];
  const child = startChild(programs.child, home);
  children.push(child);
  return { child, home, dump };
}

/** Environment and error messages are texts; the other ways out take any bytes. */
const isText = (bytes: Buffer): boolean => isUtf8(bytes) && bytes.every((byte) => byte >= 0x20);

const joined = (pieces: readonly Buffer[]): Buffer => Buffer.concat(pieces.flatMap((piece) => [piece, Buffer.from('\n')]));

/** Numbers of the needles that were let out and not found again. */
function missed(leaked: readonly Buffer[], found: ReadonlySet<number>): number {
  return needles.filter((needle, i) => leaked.includes(needle) && !found.has(i)).length;
}

const foundIn = ({ bytes }: Sink): ReadonlySet<number> => new Set(patterns.scan(bytes).map(({ pattern }) => pattern));

const WAYS: readonly (readonly [sink: string, into: Leak, carries: (needle: Buffer) => boolean])[] = [
  ['log and console', 'log', () => true],
  ['crash report', 'environment', isText],
  // A snapshot shows NUL as a space; what is not text is looked for in memory, below.
  ['heap snapshot', 'text', (needle) => !needle.includes(0)],
  ['temporary files', 'file', () => true],
];

describe.each(WAYS)('%s of a careless intake', (name, into, carries) => {
  it('names every person, shows every secret', async () => {
    const { child, home, dump } = start(`${into}-people`);
    for (let i = 0; i < PEOPLE; i++) await child.tell(leakOf(into, Buffer.from(JSON.stringify(registrationOf(i)))));
    const shown = all(secrets).filter(carries);
    for (const secret of shown) await child.tell(leakOf(into, secret));
    const others: string[] = [];
    for (const sink of await sinksOf(child, home, dump)) {
      const { people, found } = search(sink, identities, secrets);
      if (sink.name !== name) {
        if (people + found > 0) others.push(sink.name);
        continue;
      }
      printFoundControl(`S8 people in ${name} of a careless intake`, people);
      printFoundControl(`S8 phrases, keys, ids and salts in ${name} of a careless intake`, found);
      expect([people, found]).toEqual([PEOPLE, shown.length]);
    }
    // What was written into the environment or printed lived as a text before.
    expect(others.filter((other) => other !== 'heap snapshot')).toEqual([]);
  });

  it('gives every disguise of every datum away that it can carry', async () => {
    const { child, home, dump } = start(`${into}-disguises`);
    const leaked = needles.filter(carries);
    for (const kind of [leaked.filter(isText), leaked.filter((needle) => !isText(needle))])
      if (kind.length > 0) await child.tell(leakOf(into, joined(kind)));
    const sink = (await sinksOf(child, home, dump)).find((one) => one.name === name) as Sink;
    const lost = missed(leaked, foundIn(sink));
    printFoundControl(`S8 of ${leaked.length} disguised data, in ${name}`, leaked.length - lost);
    expect(leaked.length).toBeGreaterThan(needles.length / 2);
    expect(lost).toBe(0);
  });
});

describe('other ways out', () => {
  it('the name of a folder for the time being', async () => {
    const { child, home, dump } = start('folder');
    await child.tell(leakOf('file name', Buffer.from(personOf(1).phone)));
    const sinks = await sinksOf(child, home, dump);
    const { people } = search(sinks.find(({ name }) => name === 'temporary files') as Sink, identities, secrets);
    printFoundControl('S8 people in names of temporary folders', people);
    expect(people).toBe(1);
  });

  it('an error nobody catches, that quotes: every disguise', async () => {
    const leaked = needles.filter(isText);
    const sink = await printedAtDeath(start('uncaught').child, leakOf('uncaught error', joined(leaked)));
    const { people } = search(sink, identities, secrets);
    printFoundControl('S8 people in an uncaught error that quotes', people);
    expect([people, missed(leaked, foundIn(sink))]).toEqual([PEOPLE, 0]);
  });

  it('ids in a log, known ones and others', async () => {
    const { child } = start('ids');
    await child.tell(leakOf('log', Buffer.from(`sorted ${Buffer.from(secrets.pattern(0)).toString('hex')}`)));
    const known = idsIn(await child.printed(), secrets);
    printFoundControl('S8 ids in a log that says one', known.known);
    printFoundControl('S8 what looks like an id in a log that says one', known.alike);
    expect(known).toEqual({ known: 1, alike: 2 });
    expect(idsIn(Buffer.from('sorted 0123456789ABCDEF'), secrets)).toEqual({ known: 0, alike: 1 });
  });

  it.skipIf(process.platform !== 'linux')('bytes in the memory of a process: every disguise', async () => {
    const { child } = start('memory');
    await child.tell(leakOf('bytes', joined(needles)));
    const { hits } = scanProcess(child.pid, patterns);
    printFoundControl(`S4 of ${needles.length} disguised data, in the memory of a process`, hits.size);
    expect(missed(needles, hits)).toBe(0);
  });
});

describe('a careless command', () => {
  it('prints what it was given and leaves files', () => {
    const home = mkdtempSync(join(root, 'command-'));
    const careless = `
      const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
      const given = readFileSync(0);
      process.stdout.write(given.subarray(0, given.length / 2));
      process.stderr.write(given.subarray(given.length / 2));
      writeFileSync(require('node:os').tmpdir() + '/import.tmp', given);
      mkdirSync(require('node:os').homedir() + '/.careless');
      writeFileSync('last-run', '');`;
    const rows = Array.from({ length: PEOPLE }, (_, i) => JSON.stringify(registrationOf(i))).join('\n');
    const found = judgeRuns([runProgram(['-e', careless], home, rows)], home, identities);
    printFoundControl('S8 people printed by a careless command', found.people);
    printFoundControl('S8 temporary files of a careless command', found.left.length);
    expect(found).toEqual({ people: PEOPLE, left: ['.careless', 'import.tmp', 'last-run'] });
  });

  it('that only prints, or only leaves a file, is noticed too', () => {
    const home = mkdtempSync(join(root, 'command-'));
    const printing = runProgram(['-e', 'console.error(process.argv[1])', personOf(2).address], home);
    expect(judgeRuns([printing], home, identities)).toEqual({ people: 1, left: [] });
    const leaving = runProgram(['-e', "require('node:fs').mkdirSync('left')"], home);
    expect(judgeRuns([leaving], home, identities)).toEqual({ people: 0, left: ['left'] });
  });
});
