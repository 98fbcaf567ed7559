import {
  type Checkpoint,
  decodeAddCheckpoint,
  decodeCheckpoint,
  EMPTY_ROOT,
  encodeNote,
  type NoteVerifier,
  openNote,
  parseNote,
  RegistryError,
  verifyConsistency,
} from 'cryptonym/witness';

/** An add-checkpoint request that is well-formed; nothing of it is verified. */
export interface WitnessRequest {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

/** Undefined: malformed. */
export function readRequest(body: string): WitnessRequest | undefined {
  return refusedAs(undefined, () => {
    const { oldSize, proof, checkpoint: note } = decodeAddCheckpoint(body);
    const { text } = parseNote(note);
    return { oldSize, proof, note, text, checkpoint: decodeCheckpoint(text) };
  });
}

/** At least one key of the log signed it, and none of its lines that claims such a key is wrong. */
export function isSigned(note: string, keys: readonly NoteVerifier[]): boolean {
  return refusedAs(false, () => openNote(note, keys).verified.length > 0);
}

/** Does the tree of the request contain the one that was cosigned? */
export function isConsistent({ checkpoint, proof }: WitnessRequest, before: Checkpoint | undefined): boolean {
  if (checkpoint.size === 0 && !equal(checkpoint.root, EMPTY_ROOT)) return false;
  // Every tree contains the empty one, so there is nothing to prove and no proof to accept.
  if (before === undefined || before.size === 0) return proof.length === 0;
  const { size: from, root: fromRoot } = before;
  return refusedAs(false, () => {
    verifyConsistency({ from, to: checkpoint.size, fromRoot, toRoot: checkpoint.root, proof });
    return true;
  });
}

/** The note with one line of each of these keys and no other: what others signed along is not this witness's to spread. */
export function signedBy(note: string, keys: readonly NoteVerifier[]): string {
  const { text, signatures } = parseNote(note);
  const lines = keys.map((key) => signatures.find(({ name, keyId }) => name === key.name && keyId === key.keyId));
  return encodeNote({ text, signatures: lines.filter((line) => line !== undefined) });
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Coded refusals become the answer; anything else is a fault of this program and must not look like one of the log. */
function refusedAs<T>(answer: T, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RegistryError) return answer;
    throw error;
  }
}
