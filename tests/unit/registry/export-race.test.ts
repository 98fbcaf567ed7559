import { describe, expect, it } from 'vitest';
import { exportRegister } from '../../../src/registry/export-register.js';
import { logVerifierKey } from '../../../src/registry/log-key.js';
import { replay } from '../../../src/verify.js';
import { entryWorld } from './entry-world.js';

describe('an export that something is published into', () => {
  it('leaves the earlier one as it was for its readers', async () => {
    const world = entryWorld();
    const holder = await world.addHolder(1);
    await world.addHolder(2);
    await world.publish();
    const files = new Map<string, Uint8Array>();
    const target = {
      read: async (path: string) => files.get(path),
      write: async (path: string, bytes: Uint8Array) => void files.set(path, bytes),
      remove: async (path: string) => void files.delete(path),
      flush: async () => {},
    };
    await exportRegister(world.context, target);
    const trust = { key: await logVerifierKey(world.context) };
    const { sentence } = await replay(target, trust);
    world.clock.advanceDays(1);
    await world.addHolder(5);
    await world.publish();
    world.clock.advanceDays(1);
    await world.send(world.ask(holder, 'remove-content'));
    let raced = false;
    const flush = async () => {
      if (raced) return;
      raced = true;
      await world.addHolder(7);
      await world.publish();
    };
    await expect(exportRegister(world.context, { ...target, flush })).rejects.toMatchObject({ code: 'STORE_BUSY' });
    expect((await replay(target, trust)).sentence).toBe(sentence);
    await exportRegister(world.context, target);
    expect((await replay(target, trust)).sentence).not.toBe(sentence);
  });
});
