/**
 * For witnesses: whoever cosigns checkpoints of a log, and nothing about registers. A working witness on these is `examples/witness/`.
 *
 * A witness sees sizes and roots, never a leaf. Whoever seizes its key can cosign a false history with it, and opens nothing.
 */
export { ERROR_CODES, type ErrorCode, type ErrorDetails, RegistryError } from './foundation/errors.js';
export { type Checkpoint, decodeCheckpoint } from './log/checkpoint.js';
export { cosign } from './log/cosignature.js';
export { encodeForkProof, type ForkOptions, type ForkProof, type OtherPast, type SignedTree, verifyForkProof } from './log/fork-proof.js';
export { EMPTY_ROOT } from './log/hashing.js';
export {
  encodeVerifierKey,
  type NoteSignature,
  type NoteVerifier,
  openNote,
  type OpenedNote,
  parseNote,
  parseVerifierKey,
} from './log/note.js';
export { type LogPolicy, parsePolicy, type PolicyGroup, type PolicyLog, type PolicyWitness } from './log/policy.js';
export { encodeProofBundle, type ProofBundle } from './log/proof-bundle.js';
export { proveFork } from './log/prove-fork.js';
export { addSignatures, encodeNote } from './log/sign-note.js';
export { encodeSignerKey, makeSigner, type NoteSigner, parseSignerKey, verifierOf } from './log/signer-key.js';
export { verifyConsistency } from './log/verify-consistency.js';
export type { WitnessConnection } from './log/witness-client.js';
export { decodeAddCheckpoint, encodeAddCheckpoint } from './log/witness-request.js';
