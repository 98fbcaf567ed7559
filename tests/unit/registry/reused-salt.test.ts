import { describe, expect, it } from 'vitest';
import { signMessage, publicKeyOfSeed } from '../../../src/foundation/ed25519.js';
import { changeMessage } from '../../../src/public/change.js';
import { exportRegister } from '../../../src/registry/export-register.js';
import { logVerifierKey } from '../../../src/registry/log-key.js';
import { replay } from '../../../src/verify.js';
import { entryWorld } from './entry-world.js';

const TEXT = 'I leave.';

describe('an amendment under the salt of the content of today', () => {
  it('is refused, the same text under another salt is not, and the register stays verifiable', async () => {
    const world = entryWorld();
    const holder = await world.addHolder(1);
    await world.publish();
    world.clock.advanceDays(1);
    const salt = new Uint8Array(32).fill(2); // the one `addHolder` gave
    const message = changeMessage({ kind: 'text', entryPublicKey: publicKeyOfSeed(holder.seed), number: 1, salt, value: TEXT });
    const reused = { ...world.ask(holder, 'amend', 1, TEXT), salt, changeSignature: signMessage(message, holder.seed) };
    expect(await world.send(reused)).toEqual([{ result: 'refused', reason: 'value' }]);

    const fresh = world.ask(holder, 'amend', 1, TEXT);
    expect(await world.send(fresh)).toMatchObject([{ result: 'waiting' }]);
    expect((await world.publish()).changes).toBe(1);
    // Its salt is now that of the content: asked again it is done, not refused.
    expect(await world.send(fresh)).toEqual([{ result: 'done' }]);
    const files = new Map<string, Uint8Array>();
    const read = async (path: string) => files.get(path);
    await exportRegister(world.context, {
      read,
      write: async (path, bytes) => void files.set(path, bytes),
      remove: async (path) => void files.delete(path),
      flush: async () => {},
    });
    expect((await replay({ read }, { key: await logVerifierKey(world.context) })).signatures).toBe(1);
  });
});
