import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry } from '../../src/index.js';
import { encodePublicKeys } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { registrationOf } from './support/build.js';
import { identityPatterns } from './support/identity-patterns.js';
import { scanProcess } from './support/process-memory.js';
import { buildPrograms, type Child, type Programs, startChild } from './support/programs.js';
import { printFound, printFoundControl } from './support/report.js';
import { filesBelow } from './support/scan.js';

/**
 * S9: a registrar's device is taken after the intake answered. The library keeps nothing: no file, and no living object once the caller lets
 * go. What the engine has freed but not overwritten cannot be promised (docs/limits.md); it is measured and shown, not judged.
 */
const PEOPLE = 50;
const { patterns, peopleOf } = identityPatterns(0, PEOPLE);
const linux = process.platform === 'linux';
let root: string;
let programs: Programs;
let keys: string;
const drafts: string[] = [];
const children: Child[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'adversary-device-'));
  programs = buildPrograms();
  const custody = await createCustody({ quorum: 2, custodians: 2 });
  const options = { dir: join(root, 'registry'), keys: custody.keys, policy: makePolicy('standard', ['party']) };
  const registry = await openRegistry(options, { backend: nodeBackend });
  keys = Buffer.from(encodePublicKeys(await registry.publicKeys())).toString('base64');
  await registry.close();
});
afterAll(async () => {
  for (const child of children) await child.end();
  programs.remove();
  rmSync(root, { recursive: true, force: true });
});

function device(name: string): { child: Child; home: string; dump: string } {
  const [home, dump] = [join(root, name), join(root, `${name}-dump`)];
  for (const folder of [home, dump]) mkdirSync(folder);
  const child = startChild(programs.child, home);
  children.push(child);
  return { child, home, dump };
}

/** Texts of a heap snapshot: what still lives in the engine. */
function living(dump: string): number {
  const { strings } = JSON.parse(readFileSync(join(dump, 'heap.json'), 'utf8')) as { strings: string[] };
  return peopleOf(patterns.scan(Buffer.from(strings.join('\n'))).map(({ pattern }) => pattern));
}

describe(`a device that sealed ${PEOPLE} statements and had its answers`, () => {
  it('has written no file, and no living object of it names anybody', async () => {
    const { child, home, dump } = device('device');
    for (let i = 0; i < PEOPLE; i++) {
      const draft = await child.tell({ do: 'seal', registration: { ...registrationOf(i), claim: 'words' }, keys });
      expect(draft).toHaveLength(32_768);
      drafts.push(draft);
    }
    await child.tell({ do: 'forget' });
    const printed = child.printed();
    await child.tell({ do: 'dump', folder: dump });
    const [files, people] = [filesBelow(home).length, living(dump)];
    printFound('S9 files a device has written', files, 0);
    printFound('S9 people in living objects after acknowledgement', people, 0);
    const lingering = linux ? peopleOf(scanProcess(child.pid, patterns).hits) : -1;
    process.stdout.write(`  S9 measured, not promised: of ${PEOPLE} people, in freed memory of the engine  ${lingering}\n`);
    expect({ files, people, printed }).toEqual({ files: 0, people: 0, printed: '' });
  });

  it('sealed drafts on its disk, not yet sent: nothing to read, all of one size', () => {
    const folder = join(root, 'drafts');
    mkdirSync(folder);
    for (const [i, draft] of drafts.entries()) writeFileSync(join(folder, `${i}`), Buffer.from(draft, 'base64'));
    const files = filesBelow(folder);
    const people = peopleOf(files.flatMap(({ bytes }) => patterns.scan(bytes).map(({ pattern }) => pattern)));
    printFound('S9 people in unsent drafts', people, 0);
    printFound('S9 sizes of unsent drafts', new Set(files.map(({ bytes }) => bytes.length)).size, 1);
    expect([files.length, people, new Set(files.map(({ bytes }) => bytes.length)).size]).toEqual([PEOPLE, 0, 1]);
  });

  it('control: an app that keeps the forms it sent is found out', async () => {
    const { child, home, dump } = device('careless');
    for (let i = 0; i < PEOPLE; i++) {
      await child.tell({ do: 'keep', registration: registrationOf(i) });
      writeFileSync(join(home, `draft-${i}.json`), JSON.stringify(registrationOf(i)));
    }
    await child.tell({ do: 'dump', folder: dump });
    const inFiles = peopleOf(filesBelow(home).flatMap(({ bytes }) => patterns.scan(bytes).map(({ pattern }) => pattern)));
    printFoundControl(`S9 of ${PEOPLE} people, in living objects`, living(dump));
    printFoundControl(`S9 of ${PEOPLE} people, in plain drafts`, inFiles);
    expect([living(dump), inFiles]).toEqual([PEOPLE, PEOPLE]);
  });
});
