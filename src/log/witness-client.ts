import { RegistryError } from '../foundation/errors.js';
import type { Sha256 } from '../foundation/sha256.js';
import { type Ed25519Verify, verifyEd25519 } from '../foundation/verify-primitives.js';
import { decodeCheckpoint } from './checkpoint.js';
import { openNote, parseNote, parseSignatures } from './note.js';
import { proveConsistency } from './prove.js';
import { signatureLine } from './sign-note.js';
import type { TileReader } from './tile-reader.js';
import { type NoteVerifier, parseVerifierKey } from './verifier-key.js';
import { decodeCosignedSize, encodeAddCheckpoint } from './witness-request.js';

/** What came back of an `add-checkpoint`. */
export interface WitnessAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One witness. `send` posts the body to its add-checkpoint address; it should limit the time and the length of the answer. */
export interface WitnessConnection {
  /** Its verifier key, type 4. */
  readonly vkey: string;
  send(body: string): Promise<WitnessAnswer>;
}

export interface CosignRequest {
  /** The note, signed by the log. */
  readonly checkpoint: string;
  /** The tree of that checkpoint, for the consistency proof. */
  readonly reader: TileReader;
  readonly connection: WitnessConnection;
  /** Size this witness cosigned last, as far as is known (0). */
  readonly known?: number;
  /** Seconds since 1970: an older cosignature is refused. */
  readonly notBefore?: number;
  /** The same: a later one is refused. */
  readonly notAfter?: number;
  readonly sha256?: Sha256;
  readonly verify?: Ed25519Verify;
}

/**
 * Asks one witness for its cosignature (C2SP tlog-witness, "add-checkpoint"). Gives its signature line, verified and with its newline, and
 * the size to remember for the next time.
 *
 * Throws `LOG_INCONSISTENT` if the witness has seen another or a larger tree under this origin: the log was rolled back or forked, or
 * somebody else signs with its key (a second process that publishes the same log looks alike). `WITNESSES_TOO_FEW` for every other refusal; `retryable` says whether to ask again unchanged.
 * A witness learns the checkpoint and when it was made, which are public.
 */
export async function cosignCheckpoint(request: CosignRequest): Promise<{ readonly line: string; readonly known: number }> {
  const { checkpoint, reader, connection, known = 0, sha256 } = request;
  const witness = parseVerifierKey(connection.vkey);
  const { text } = parseNote(checkpoint);
  const { size } = decodeCheckpoint(text);
  const ask = async (oldSize: number): Promise<WitnessAnswer> => {
    if (oldSize > size) throw new RegistryError('LOG_INCONSISTENT', 'the witness has seen a larger tree');
    const proof = oldSize === 0 ? [] : await proveConsistency(reader, oldSize, size, sha256);
    try {
      return await connection.send(encodeAddCheckpoint({ oldSize, proof, checkpoint }));
    } catch {
      // What a transport throws may name addresses; it stays out of our errors.
      throw refused('the witness could not be reached', true);
    }
  };
  let answer = await ask(known);
  // Once only: a witness that names another size each time must not keep us asking.
  if (answer.status === 409) answer = await ask(sizeOf(answer));
  if (answer.status !== 200) throw refusalOf(answer.status);
  return { line: openAnswer(answer.body, text, witness, request), known: size };
}

function sizeOf(answer: WitnessAnswer): number {
  try {
    // The type is what tells a witness's 409 from one of a proxy between; parameters behind it say nothing.
    if (/^text\/x\.tlog\.size *(?:;|$)/.test(answer.contentType)) return decodeCosignedSize(answer.body);
  } catch {
    // Malformed, or not a size at all: the same.
  }
  throw refused('the witness answered with something else than a size');
}

function refusalOf(status: number): RegistryError {
  if (status === 422) return new RegistryError('LOG_INCONSISTENT', 'the witness has seen another tree');
  if (status === 404) return refused('the witness does not know this log');
  if (status === 403) return refused('the witness does not trust the key of this log');
  return refused('the witness gave no cosignature', status === 409 || status >= 500);
}

/** The witness's own line out of its answer; lines of other keys are ignored, as the protocol says. */
function openAnswer(body: string, text: string, witness: NoteVerifier, request: CosignRequest): string {
  try {
    const lines = parseSignatures(body);
    const [cosigned] = openNote(`${text}\n${body}`, [witness], request.verify ?? verifyEd25519).verified;
    const line = lines.find(({ name, keyId }) => name === witness.name && keyId === witness.keyId);
    const time = cosigned?.timestamp ?? 0;
    if (line !== undefined && time >= (request.notBefore ?? 1) && time <= (request.notAfter ?? time)) return signatureLine(line);
  } catch {
    // Malformed, by another key, or of a bad signature: all the same to whoever asked.
  }
  throw refused('the witness answered with no cosignature of its own');
}

function refused(message: string, retryable = false): RegistryError {
  return new RegistryError('WITNESSES_TOO_FEW', message, { retryable });
}
