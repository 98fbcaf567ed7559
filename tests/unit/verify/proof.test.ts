import { beforeAll, describe, expect, it } from 'vitest';
import { nodeBackend } from '../../../src/backends/node.js';
import { fromUtf8, utf8 } from '../../../src/foundation/bytes.js';
import { cosign } from '../../../src/log/cosignature.js';
import { encodeVerifierKey, parseNote } from '../../../src/log/note.js';
import { encodeProofBundle } from '../../../src/log/proof-bundle.js';
import { addSignatures } from '../../../src/log/sign-note.js';
import { makeSigner, verifierOf } from '../../../src/log/signer-key.js';
import { decodeProofBundle, type LogTrust, proveInclusion, RegistryError, replay, verifyProof } from '../../../src/verify.js';
import { tilesOfExport } from '../../../src/public/export/export-reader.js';
import { checkpointOf, draftOf, exportOf, type Files, readerOf, rememberingVerify, SMALL_PLAN, TRUST } from '../../support/export-world.js';

const FAST = { sha256: nodeBackend.sha256, ed25519Verify: rememberingVerify() };
const REFUSALS = ['PROOF_INVALID', 'NOTE_INVALID', 'WITNESSES_TOO_FEW'];
const witnesses = [1, 2, 3].map((i) => makeSigner(`witness-${i}.example`, new Uint8Array(32).fill(100 + i), 4));
const policyText = (quorum: string): string =>
  `log ${TRUST.key}\n${witnesses.map((witness, i) => `witness w${i + 1} ${encodeVerifierKey(verifierOf(witness))}\n`).join('')}${quorum}`;
const policy = policyText('group two 2 w1 w2 w3\nquorum two\n');
const by =
  (...numbers: readonly number[]) =>
  (note: string): string =>
    addSignatures(
      note,
      witnesses.filter((_, i) => numbers.includes(i + 1)).map((witness) => cosign(parseNote(note).text, witness, 1_795_000_000)),
    );
const draft = draftOf(SMALL_PLAN);
let files: Files;
let bundles: readonly string[];
const witnessed: LogTrust = { ...TRUST, policy };

beforeAll(async () => {
  files = await exportOf(draft, { cosign: by(1, 2), witnesses: policy });
  bundles = [1, 2, 3].map((batch) => fromUtf8(files.get(`batch/00${batch}.tlog-proof`) ?? new Uint8Array(0)));
});

async function refusal(bundle: string, record?: Uint8Array, trust = witnessed): Promise<string> {
  try {
    await verifyProof(bundle, trust, record, FAST);
    return 'accepted';
  } catch (error) {
    return error instanceof RegistryError ? error.code : String(error);
  }
}

describe('proofs', () => {
  it('prove a leaf, with the record inside or beside', async () => {
    const record = draft.records[5] as Uint8Array;
    expect(await verifyProof(bundles[1] ?? '', witnessed, undefined, FAST)).toMatchObject({
      index: 5,
      size: 12,
      leaf: { type: 'tally', batch: 2 },
    });
    const { extra: _, ...bare } = decodeProofBundle(bundles[1] ?? '');
    expect(await verifyProof(encodeProofBundle(bare), witnessed, record)).toMatchObject({ index: 5, record });
    expect(await refusal(encodeProofBundle(bare))).toBe('PROOF_INVALID');
    expect(await refusal(encodeProofBundle(bare), draft.records[6])).toBe('PROOF_INVALID');
    expect(await refusal(bundles[1] ?? '', draft.records[6])).toBe('PROOF_INVALID');
  });

  it('of every leaf of an export, and of no leaf for another', async () => {
    const size = draft.records.length;
    const tiles = tilesOfExport(readerOf(files), size);
    const checkpoint = checkpointOf(files);
    for (const [index, record] of draft.records.entries()) {
      const bundle = encodeProofBundle({ index, proof: await proveInclusion(tiles, index, size), checkpoint });
      expect(await verifyProof(bundle, TRUST, record, FAST)).toMatchObject({ index, size });
      const other = encodeProofBundle({ index, proof: await proveInclusion(tiles, (index + 1) % size, size), checkpoint });
      expect(await refusal(other, record, TRUST)).toBe('PROOF_INVALID');
    }
  });

  it('a quorum of witnesses is asked for', async () => {
    expect(await refusal(bundles[2] ?? '')).toBe('accepted');
    const strict = { ...TRUST, policy: policyText('group all all w1 w2 w3\nquorum all\n') };
    expect(await refusal(bundles[2] ?? '', undefined, strict)).toBe('WITNESSES_TOO_FEW');
    expect(await refusal(bundles[2] ?? '', undefined, { ...witnessed, notBefore: 1_795_000_001 })).toBe('WITNESSES_TOO_FEW');
    await expect(replay(readerOf(files), strict, FAST)).rejects.toMatchObject({ code: 'WITNESSES_TOO_FEW' });
    expect((await replay(readerOf(files), witnessed, FAST)).checkpoint.witnesses).toHaveLength(2);
  });

  it('a flipped bit of any byte of a proof is refused', async () => {
    const whole = utf8(bundles[0] ?? '');
    expect(await refusal(fromUtf8(whole))).toBe('accepted'); // the control
    let flips = 0;
    // Of what is signed every bit would be a signature to verify: one bit of each byte, another one each time.
    for (let bit = 0; bit < 8 * whole.length; bit += 7) {
      const flipped = whole.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = textOrNone(flipped);
      if (text === undefined) continue;
      expect(REFUSALS, `bit ${bit}`).toContain(await refusal(text));
      flips++;
    }
    expect(flips).toBeGreaterThan(1000);
  });

  it('any component swapped between two valid proofs is refused', async () => {
    const parts = bundles.map(decodeProofBundle);
    let swaps = 0;
    for (const a of parts)
      for (const b of parts) {
        if (a === b) continue;
        for (const key of ['index', 'proof', 'checkpoint', 'extra'] as const) {
          if (key === 'proof' && a.proof.length === b.proof.length && a.proof.every((hash, i) => hash.join() === b.proof[i]?.join()))
            continue;
          expect(REFUSALS, key).toContain(await refusal(encodeProofBundle({ ...a, [key]: b[key] })));
          swaps++;
        }
      }
    expect(swaps).toBe(24);
  });
});

/** Half of all flips are no UTF-8 any more: no string stands for them. */
function textOrNone(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
}
