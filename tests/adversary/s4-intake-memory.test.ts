import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry } from '../../src/index.js';
import { makeSubmission } from '../../src/intake.js';
import { nodeBackend } from '../../src/sqlite.js';
import { registrationOf } from './support/build.js';
import { identityPatterns } from './support/identity-patterns.js';
import { scanProcess } from './support/process-memory.js';
import { buildPrograms, type Child, type Programs, startChild } from './support/programs.js';
import { printFound, printFoundControl } from './support/report.js';

/**
 * S4: somebody takes over the live intake server and reads its memory. What was sealed on devices never was in it; what the server sealed by
 * itself was, and stays. Earlier epochs: s4-earlier-epochs.test.ts; that every disguise is found in memory: s8-controls.test.ts.
 */
const CANARIES = 200;
const linux = process.platform === 'linux';
let root: string;
let programs: Programs;
const children: Child[] = [];
const { patterns, peopleOf } = identityPatterns(0, CANARIES);

async function freshRegistry(name: string): Promise<{ dir: string; keys: Awaited<ReturnType<typeof publicKeysOf>> }> {
  const dir = join(root, name);
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  await (await openRegistry({ dir, keys, policy: makePolicy('standard', ['party']) }, { backend: nodeBackend })).close();
  return { dir, keys: await publicKeysOf(dir) };
}

async function publicKeysOf(dir: string) {
  const registry = await openRegistry({ dir }, { backend: nodeBackend });
  const keys = await registry.publicKeys();
  await registry.close();
  return keys;
}

function start(name: string): Child {
  const folder = join(root, `${name}-home`);
  mkdirSync(folder);
  const child = startChild(programs.child, folder);
  children.push(child);
  return child;
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'adversary-memory-'));
  programs = buildPrograms();
});
afterAll(async () => {
  for (const child of children) await child.end();
  programs.remove();
  rmSync(root, { recursive: true, force: true });
});

describe.skipIf(!linux)(`the memory of a server that took ${CANARIES} statements${linux ? '' : ' (skipped: needs /proc)'}`, () => {
  it('sealed on devices: not one name, phone, address; nor after sorting and publishing', async () => {
    const { dir, keys } = await freshRegistry('intake');
    const intake = start('intake');
    expect(await intake.tell({ do: 'open', dir })).toBe('done');
    for (let i = 0; i < CANARIES; i++) {
      const { bytes } = makeSubmission({ ...registrationOf(i), claim: 'words' }, keys, { backend: nodeBackend });
      expect(await intake.tell({ do: 'accept', submission: Buffer.from(bytes).toString('base64') })).toBe('done');
    }
    const accepted = scanProcess(intake.pid, patterns);
    printFound(`S4 people in ${(accepted.bytes / 1e6).toFixed(0)} MB of an intake's memory`, peopleOf(accepted.hits), 0);
    expect(accepted.bytes).toBeGreaterThan(30e6);
    expect(await intake.tell({ do: 'sort' })).toBe('done');
    expect(await intake.tell({ do: 'publish' })).toBe('done');
    const published = scanProcess(intake.pid, patterns);
    printFound('S4 people in its memory after sort and publication', peopleOf(published.hits), 0);
    expect([peopleOf(accepted.hits), peopleOf(published.hits)]).toEqual([0, 0]);
  });

  it('control: sealed on the server, names stay in its memory', async () => {
    const { dir } = await freshRegistry('server');
    const server = start('server');
    expect(await server.tell({ do: 'open', dir })).toBe('done');
    for (let i = 0; i < CANARIES; i++) expect(await server.tell({ do: 'register', registration: registrationOf(i) })).toBe('done');
    await server.tell({ do: 'forget' });
    const found = peopleOf(scanProcess(server.pid, patterns).hits);
    printFoundControl(`S4 of ${CANARIES} people, in the memory of a server that seals`, found);
    expect(found).toBeGreaterThan(CANARIES / 10);
  });
});
