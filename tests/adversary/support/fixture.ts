import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { makePolicy } from '../../../src/index.js';
import { makeSubmission, SUBMISSION_LENGTH } from '../../../src/intake.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { decodeInner } from '../../../src/submit/inner-format.js';
import { buildTarget, registrationOf } from './build.js';

/**
 * One registry of 4,096 people under `standard`, sealed once for all files of a run: images of it empty, with everything waiting, sorted, and
 * published. The second half of every second registration has a claim phrase, the rest dummies.
 */
export const PEOPLE = 4096;
/** A sort of 4,096 is done in two chunks of 2,048 (src/registry/sort.ts), and that is the smaller of the two batches. */
export const SMALLER_BATCH = 2048;
export const POLICY = makePolicy('standard', ['party', 'league']);

/** Who belongs to what, in the order of the calls; ids as hex digits. */
export interface Truth {
  readonly record: string;
  readonly entry: string;
  readonly locator: string;
  readonly phrase?: string;
}

export type Stage = 'empty' | 'waiting' | 'sorted' | 'published';

export interface Fixture {
  readonly truth: readonly Truth[];
  image(stage: Stage): string;
  submission(i: number): Uint8Array;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The first to ask builds it, the others wait. */
export async function seizedRegistry(): Promise<Fixture> {
  const root = inject('fixtureRoot');
  const ready = join(root, 'truth.json');
  const failed = join(root, 'failed');
  if (claim(join(root, 'building'))) {
    await build(root, ready).catch((error: unknown) => {
      writeFileSync(failed, '');
      throw error;
    });
  }
  while (!existsSync(ready)) {
    if (existsSync(failed)) throw new Error('the file that was first could not build the registry');
    await setTimeout(200);
  }
  const truth = JSON.parse(readFileSync(ready, 'utf8')) as Truth[];
  return { truth, image: (stage) => join(root, stage), submission: (i) => slice(join(root, 'submissions'), i) };
}

function claim(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

async function build(root: string, ready: string): Promise<void> {
  const target = await buildTarget(POLICY, {}, undefined, root);
  const { registry, clock } = target;
  target.image('empty');
  const keys = await registry.publicKeys();
  const truth: Truth[] = [];
  const submissions: Uint8Array[] = [];
  for (let i = 0; i < PEOPLE; i++) {
    const made = makeSubmission({ ...registrationOf(i), claim: i % 2 === 0 ? 'words' : 'none' }, keys, { clock, backend: nodeBackend });
    const { recordId, locator } = decodeInner(made.inner.reveal());
    const phrase = made.claim?.reveal();
    truth.push({ record: hex(recordId), entry: made.entryId, locator: hex(locator), ...(phrase === undefined ? {} : { phrase }) });
    submissions.push(made.bytes);
  }
  writeFileSync(join(root, 'submissions'), Buffer.concat(submissions));
  for (const submission of submissions) await registry.accept(submission);
  target.image('waiting');
  await registry.sort();
  target.image('sorted');
  await registry.publish({ now: true });
  target.image('published');
  await registry.close();
  writeFileSync(ready, JSON.stringify(truth));
}

function slice(path: string, i: number): Uint8Array {
  const bytes = new Uint8Array(SUBMISSION_LENGTH);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, SUBMISSION_LENGTH, i * SUBMISSION_LENGTH);
  closeSync(file);
  return bytes;
}
