import fc from 'fast-check';
import type { Checkpoint } from '../../src/log/checkpoint.js';
import type { ParsedNote } from '../../src/log/note.js';
import type { ProofBundle } from '../../src/log/proof-bundle.js';
import { makeSigner } from '../../src/log/signer-key.js';
import type { AddCheckpoint } from '../../src/log/witness-request.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
export const seed = bytes(32);
export const keyName = fc.string({ unit: fc.constantFrom(...'abz09./-_=—一\u{1f300}'), minLength: 1, maxLength: 30 });
export const signer = fc.tuple(keyName, seed, fc.constantFrom(1 as const, 4 as const)).map((parts) => makeSigner(...parts));

const noteSignature = fc.record({
  name: keyName,
  keyId: fc.nat(0xffffffff),
  signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
});
const noteText = fc.string({ unit: fc.constantFrom(...'ab —+=\n一'), maxLength: 80 }).map((text) => `${text}\n`);
export const parsedNote: fc.Arbitrary<ParsedNote> = fc.record({
  text: noteText,
  signatures: fc.array(noteSignature, { minLength: 1, maxLength: 5 }),
});

export const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({ origin: keyName, size: fc.maxSafeNat(), root: bytes(32) });

const proof = fc.array(bytes(32), { maxLength: 63 });
/** Bundles and requests hold the note word for word, whatever it is. */
const anyNote = noteText.filter((text) => text !== '\n');
export const proofBundle: fc.Arbitrary<ProofBundle> = fc.record(
  { index: fc.maxSafeNat(), proof, checkpoint: anyNote, extra: fc.uint8Array({ minLength: 1, maxLength: 300 }) },
  { requiredKeys: ['index', 'proof', 'checkpoint'], noNullPrototype: true },
);
export const addCheckpoint: fc.Arbitrary<AddCheckpoint> = fc.record({ oldSize: fc.maxSafeNat(), proof, checkpoint: anyNote });
