import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type * as Custodian from '../../src/custodian.js';
import type * as Library from '../../src/index.js';
import { canariesIn, CANARIES, printed } from './support/hostile.js';
import { printFound } from './support/report.js';

/**
 * The built package seals imports on worker threads; a source checkout does not. A row that cannot be sent to a thread, or that breaks a rule in
 * an unforeseen way, must become a rejected row: not an error that quotes it, and never somebody else's answer.
 */
const DIST = resolve(import.meta.dirname, '../../dist');
const ROWS = 40;
const built = existsSync(join(DIST, 'seal-worker.js'));
const directories: string[] = [];
let registry: Library.Registry;

afterEach(async () => {
  await registry.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

async function open(): Promise<Library.Registry> {
  const load = async (name: string): Promise<unknown> => import(pathToFileURL(join(DIST, name)).href);
  const { createCustody } = (await load('custodian.js')) as typeof Custodian;
  const { makePolicy, openRegistry } = (await load('index.js')) as typeof Library;
  const root = mkdtempSync(join(tmpdir(), 'adversary-workers-'));
  directories.push(root);
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  registry = await openRegistry({ dir: join(root, 'registry'), keys, policy: makePolicy('tiny', ['party']) });
  return registry;
}

async function* rows(alias: string, bad?: { readonly at: number; readonly change: object }) {
  for (let i = 0; i < ROWS; i++) {
    const row = { identity: { names: ['Wang Lei'] }, statement: { alias, categories: ['party'] } };
    yield (i === bad?.at ? { ...row, ...bad.change } : row) as Library.Registration;
  }
}

async function run(work: AsyncIterable<Library.RegisterProgress>): Promise<{ accepted: number; rejected: number; error: unknown }> {
  let accepted = 0;
  let rejected = 0;
  try {
    for await (const progress of work) [accepted, rejected] = [progress.accepted, progress.rejectedTotal];
  } catch (error) {
    return { accepted, rejected, error };
  }
  return { accepted, rejected, error: undefined };
}

const BAD: [string, object][] = [
  ['a function', { identity: () => CANARIES[0] }],
  ['a symbol', { identity: Symbol(CANARIES[0]) }],
  ['a document with methods', { identity: { names: ['Wang Lei'], save: () => CANARIES[0] } }],
  ['a group with a lone surrogate', { group: `${CANARIES[0]}\ud800` }],
  ['a group of a megabyte', { group: CANARIES[0].repeat(100_000) }],
];

describe.skipIf(!built)('an import on worker threads', () => {
  it.each(BAD)('%s in one row: that row is rejected, its neighbours are taken, nothing is quoted', async (shape, change) => {
    const { accepted, rejected, error } = await run((await open()).registerMany(rows('jin fu', { at: 20, change })));
    const quoted = error === undefined ? [] : canariesIn(printed(error));
    printFound(`${shape}: rows lost with it`, ROWS - 1 - accepted, 0);
    expect({ quoted, accepted, rejected }).toEqual({ quoted: [], accepted: ROWS - 1, rejected: 1 });
  });

  it('after a failed import the next one gets its own answers', async () => {
    const one = await open();
    await run(one.registerMany(rows('jin fu', { at: ROWS - 1, change: { identity: () => 1 } })));
    const failed = (await one.health()).inbox.waiting;
    const { accepted } = await run(one.registerMany(rows('wan shun')));
    await one.publish({ now: true });
    let own = 0;
    for await (const { name } of one.entries()) if (name === 'wan shun') own++;
    printFound(`statements lost among ${accepted} accepted ones (${failed} of the failed import stored)`, accepted - own, 0);
    expect(own).toBe(accepted);
  });
});
