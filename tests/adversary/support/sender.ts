import type { Registry } from '../../../src/index.js';
import { type MadeSubmission, makeSubmission } from '../../../src/intake.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { decodeInner, encodeInner, type InnerSubmission } from '../../../src/submit/inner-format.js';
import { wrapSubmission } from '../../../src/submit/wrap-submission.js';
import { all, registrationOf, type Target } from './build.js';

/** What is under attack; the registry may be a wrapper that leaks. */
export type Attacked = Pick<Target, 'registry' | 'clock'>;

/** A submission as the library's own device makes it. */
export async function made({ registry, clock }: Attacked, i: number, change = {}): Promise<MadeSubmission> {
  return makeSubmission(registrationOf(i, change), await registry.publicKeys(), { clock, backend: nodeBackend });
}

export const innerOf = ({ inner }: MadeSubmission): InnerSubmission => decodeInner(inner.reveal());

/** A submission as a hostile device would build it: every slot is its choice. */
export async function forged(
  target: Attacked,
  i: number,
  change: (inner: InnerSubmission) => Partial<InnerSubmission>,
): Promise<Uint8Array> {
  const inner = innerOf(await made(target, i));
  return wrapped(target, encodeInner({ ...inner, ...change(inner) }));
}

export async function wrapped({ registry }: Attacked, padded: Uint8Array): Promise<Uint8Array> {
  const [epoch] = (await registry.publicKeys()).epochs;
  if (epoch === undefined) throw new Error('there is an epoch');
  return wrapSubmission(padded, epoch, { backend: nodeBackend });
}

/** All that a sender sees. */
export async function visible(registry: Registry): Promise<string> {
  return JSON.stringify([await registry.counts(), await all(registry.entries()), [...(await registry.publicKeys()).epochs].length]);
}

export async function publishedIds(registry: Registry): Promise<Set<string>> {
  return new Set((await all(registry.entries())).map(({ entryId }) => entryId));
}

/** One batch after the other; gives how many calls failed. */
export async function publishTimes(registry: Registry, times: number): Promise<number> {
  let failed = 0;
  for (let i = 0; i < times; i++)
    await registry.publish({ now: true }).catch(() => {
      failed++;
    });
  return failed;
}
