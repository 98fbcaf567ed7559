import { createHash } from 'node:crypto';
import type { Model } from './commands.js';
import type { World } from './world.js';

/**
 * What a run came to, for comparison with another: every step and cut, the signed head of the log, which has every leaf and salt in it, and
 * every sealed byte.
 */
export async function traceOf(model: Model, { registry }: World): Promise<readonly string[]> {
  const sealed = createHash('sha256');
  let records = 0;
  for await (const id of registry.sealed.ids()) {
    records++;
    sealed.update(id);
    const record = await registry.sealed.get(id);
    if (record !== undefined) for (const part of [record.identity, record.contact, record.link, record.shred]) sealed.update(part);
  }
  const taken = [...model.taken].sort().map(([what, times]) => `${what} ${times}`);
  return [...taken, `records ${records}`, sealed.digest('hex'), (await registry.log.checkpoint()) ?? 'no checkpoint'];
}
