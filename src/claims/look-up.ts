import type { CryptoOptions } from '../foundation/backend.js';
import { hkdfExpand } from '../foundation/kdf.js';
import { LABELS } from '../foundation/labels.js';
import { encodeTuple } from '../foundation/tuple.js';
import { CLAIM_ROW_LENGTH } from './make-row.js';
import type { ClaimRow, ClaimStore } from './ports.js';

/**
 * What the registry gives for a locator: the row, or, where there is none, bytes that look like one and are the same each time.
 *
 * What an attacker would gain where known and unknown locators differ in bytes or time: he who found a phrase, or guesses PINs, would learn
 * that somebody is registered without opening anything. So the dummy is always derived and a row always read, and which of the two goes
 * out is a matter of masks.
 */
export async function claimAnswer(store: ClaimStore, locator: Uint8Array, options: CryptoOptions = {}): Promise<Uint8Array> {
  const dummy = hkdfExpand(await store.dummySecret(), encodeTuple(LABELS.claimDummy, locator), CLAIM_ROW_LENGTH, options);
  // An empty store has no row of anybody; bytes that match no locator take the place.
  const nearest = (await store.nearest(locator)) ?? { locator: new Uint8Array(0), row: dummy };
  return select(nearest, locator, dummy);
}

/** `nearest.row` if its locator is the one asked for, else `dummy`; the same steps for both. */
function select(nearest: ClaimRow, locator: Uint8Array, dummy: Uint8Array): Uint8Array {
  let difference = 0;
  for (let i = 0; i < locator.length; i++) difference |= (locator[i] as number) ^ (nearest.locator[i] ?? 0xff);
  difference |= nearest.locator.length ^ locator.length;
  // 0xff where nothing differs, else 0.
  const mask = ((difference - 1) >> 8) & 0xff;
  return dummy.map((byte, i) => ((nearest.row[i] as number) & mask) | (byte & ~mask & 0xff));
}
