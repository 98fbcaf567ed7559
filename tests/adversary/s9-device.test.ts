import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { buildPrograms, type Child, leakOf, type Programs, startChild } from './support/programs.js';
import { printFound, printFoundControl } from './support/report.js';
import { filesBelow, namesBelow } from './support/scan.js';
import { heapTexts, leftIn } from './support/sinks.js';

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

interface Device {
  readonly child: Child;
  readonly home: string;
  readonly dump: string;
}

function device(name: string): Device {
  const [home, dump] = [name, 'dump'].map((folder) => mkdtempSync(join(root, `${folder}-`))) as [string, string];
  const child = startChild(programs.child, home);
  children.push(child);
  return { child, home, dump };
}

const peopleIn = (bytes: Buffer): number => peopleOf(patterns.scan(bytes).map(({ pattern }) => pattern));

/** What a device shows that is taken as it is: what it left on its disk, printed, and what lives in it. */
async function taken({ child, home, dump }: Device): Promise<{ files: number; inFiles: number; printed: string; living: number }> {
  await child.tell({ do: 'forget' });
  const printed = (await child.printed()).toString();
  await child.tell({ do: 'dump', folder: dump });
  return { files: namesBelow(home).length, inFiles: peopleIn(leftIn(home)), printed, living: peopleIn(heapTexts(dump)) };
}

/** What the drafts in a folder tell: people, and a size by which to know them. */
function draftsIn(folder: string): { files: number; people: number; sizes: number } {
  const files = filesBelow(folder);
  return { files: files.length, people: peopleIn(leftIn(folder)), sizes: new Set(files.map(({ bytes }) => bytes.length)).size };
}

describe(`a device that sealed ${PEOPLE} statements and had its answers`, () => {
  it('has written no file, and no living object of it names anybody', async () => {
    const sealing = device('device');
    for (let i = 0; i < PEOPLE; i++) {
      const draft = await sealing.child.tell({ do: 'seal', registration: { ...registrationOf(i), claim: 'words' }, keys });
      expect(draft).toHaveLength(32_768);
      drafts.push(draft);
    }
    const found = await taken(sealing);
    printFound('S9 files a device has written', found.files, 0);
    printFound('S9 characters a device has printed', found.printed.length, 0);
    printFound('S9 people in living objects after acknowledgement', found.living, 0);
    const lingering = linux ? peopleOf(scanProcess(sealing.child.pid, patterns).hits) : -1;
    process.stdout.write(`  S9 measured, not promised: of ${PEOPLE} people, in freed memory of the engine  ${lingering}\n`);
    expect(found).toEqual({ files: 0, inFiles: 0, printed: '', living: 0 });
  });

  it('sealed drafts on its disk, not yet sent: nothing to read, all of one size', () => {
    const folder = mkdtempSync(join(root, 'drafts-'));
    for (const [i, draft] of drafts.entries()) writeFileSync(join(folder, `${i}`), Buffer.from(draft, 'base64'));
    const found = draftsIn(folder);
    printFound('S9 people in unsent drafts', found.people, 0);
    printFound('S9 sizes of unsent drafts', found.sizes, 1);
    expect(found).toEqual({ files: PEOPLE, people: 0, sizes: 1 });
  });

  it('control: an app that keeps, prints and stores the forms it sent is found out', async () => {
    const careless = device('careless');
    for (let i = 0; i < PEOPLE; i++) {
      await careless.child.tell({ do: 'keep', registration: registrationOf(i) });
      for (const into of ['file', 'log'] as const) await careless.child.tell(leakOf(into, plainDraft(i)));
    }
    const found = await taken(careless);
    printFoundControl('S9 files a careless app has written', found.files);
    printFoundControl('S9 characters a careless app has printed', found.printed.length);
    printFoundControl(`S9 of ${PEOPLE} people, in living objects`, found.living);
    expect(found).toMatchObject({ files: PEOPLE, inFiles: PEOPLE, living: PEOPLE });
    expect(peopleIn(Buffer.from(found.printed))).toBe(PEOPLE);
  });

  it('control: drafts kept as they were filled in', () => {
    const folder = mkdtempSync(join(root, 'plain-drafts-'));
    for (let i = 0; i < PEOPLE; i++) writeFileSync(join(folder, `${i}`), plainDraft(i));
    const found = draftsIn(folder);
    printFoundControl(`S9 of ${PEOPLE} people, in plain drafts`, found.people);
    printFoundControl('S9 sizes of plain drafts', found.sizes, 1);
    expect(found.people).toBe(PEOPLE);
    expect(found.sizes).toBeGreaterThan(1);
  });
});

function plainDraft(i: number): Buffer {
  return Buffer.from(JSON.stringify(registrationOf(i)));
}
