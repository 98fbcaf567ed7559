/**
 * For everybody: check a proof, replay a whole register, look for the own entry, watch that the log only grows. Needs nothing but public
 * files and the log's key; it runs in a browser and has no code of the sealed world in it.
 */
export { type ErrorCode, type ErrorDetails, RegistryError } from './foundation/errors.js';
export type { Sha256 } from './foundation/sha256.js';
export type { Ed25519Verify } from './foundation/verify-primitives.js';
export { type Checkpoint, type LogTrust, type OpenedCheckpoint, openCheckpoint } from './log/checkpoint.js';
export { type ForkOptions, type ForkProof, type OtherPast, type SignedTree, verifyForkProof } from './log/fork-proof.js';
export { leafHash } from './log/hashing.js';
export { type NoteVerifier, parseVerifierKey } from './log/note.js';
export { decodeProofBundle, type ProofBundle } from './log/proof-bundle.js';
export { proveConsistency, proveInclusion } from './log/prove.js';
export type { TileRef } from './log/tile.js';
export type { TileReader } from './log/tile-reader.js';
export { type ConsistencyClaim, verifyConsistency } from './log/verify-consistency.js';
export { type InclusionClaim, verifyInclusion } from './log/verify-inclusion.js';
export type { AmendmentLeaf, ChangeLeaf, RaiseLeaf, WithdrawalLeaf } from './public/change-leaf.js';
export { type Content, contentHash } from './public/content-form.js';
export { decodeContents, type ReadContent, type StoredContent } from './public/export/contents-file.js';
export type { ExportCounts } from './public/export/export-counts.js';
export { type ExportReader, readBundle, tilesOfExport } from './public/export/export-reader.js';
export { batchProofPath, contentsPath, EXPORT_FILES } from './public/export/layout.js';
export { decodeLogFile, type LogFile } from './public/export/log-file.js';
export { decodeLeaf, type Leaf, type StatementLeaf } from './public/leaf.js';
export { type ReplayOptions, type ReplayReport, replay } from './public/replay/replay.js';
export { type EntryFinding, type HeldEntry, verifyEntry } from './public/replay/verify-entry.js';
export { type VerifyNewerOptions, verifyNewer } from './public/replay/verify-newer.js';
export { type ProvenLeaf, type ProvenRecord, type VerifyOptions, verifyProof } from './public/replay/verify-proof.js';
export type { Tally, TallyLeaf } from './public/tally.js';
export type { Category } from './vocabulary/categories.js';
export type { Policy } from './vocabulary/policy.js';
export type { ChangedBy, Display, Evidence, Origin } from './vocabulary/words.js';
