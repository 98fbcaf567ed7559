import { decodeAddCheckpoint, type NoteSigner } from 'cryptonym/witness';
import { fileState } from '../../../examples/witness/state.js';
import { openWitness, type Witness } from '../../../examples/witness/witness.js';
import { cosign } from '../../../src/log/cosignature.js';
import { parseNote } from '../../../src/log/note.js';
import type { WitnessConnection } from '../../../src/log/witness-client.js';
import { witnessKey } from '../../support/test-log.js';

/** When everything here happens, unless a clock is given. */
export const SECONDS = 1_770_000_000;
const STANDING = { now: (): number => SECONDS * 1000 };

export interface Cosigner extends WitnessConnection {
  readonly signer: NoteSigner;
  readonly name: string;
}

/** The example witness itself, without a network between. */
export async function honestWitness(
  name: string,
  seed: number,
  logKey: string,
  dir: string,
  clock = STANDING,
): Promise<Cosigner & { readonly witness: Witness }> {
  const { signer, vkey } = witnessKey(name, seed);
  const witness = await openWitness({ signer, logs: [logKey], state: await fileState(dir), clock });
  return { name, signer, vkey, witness, send: (body) => witness.addCheckpoint(body) };
}

/** The control: a witness that cosigns whatever it is shown. Where it is enough, a fork must pass, or the test shows nothing. */
export function blindWitness(name: string, seed: number, clock = STANDING): Cosigner {
  const { signer, vkey } = witnessKey(name, seed);
  const send: WitnessConnection['send'] = async (body) => {
    const { text } = parseNote(decodeAddCheckpoint(body).checkpoint);
    return { status: 200, contentType: 'text/plain', body: cosign(text, signer, Math.floor(clock.now() / 1000)) };
  };
  return { name, signer, vkey, send };
}

/** A tlog-policy in which `threshold` of these must have cosigned. */
export function policyOf(threshold: number, vkeys: readonly string[]): string {
  const names = vkeys.map((_, i) => `w${i}`);
  return [...vkeys.map((vkey, i) => `witness w${i} ${vkey}`), `group g ${threshold} ${names.join(' ')}`, 'quorum g', ''].join('\n');
}
