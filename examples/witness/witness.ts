import {
  addSignatures,
  type Checkpoint,
  cosign,
  decodeCheckpoint,
  encodeForkProof,
  type NoteSigner,
  type NoteVerifier,
  openNote,
  parseVerifierKey,
  verifierOf,
} from 'cryptonym/witness';
import { equal, isConsistent, isSigned, readRequest, signedBy, type WitnessRequest } from './request.js';
import { hashOfOrigin, type WitnessState } from './state.js';

export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

export interface Witness {
  /** The `add-checkpoint` call of C2SP tlog-witness. Rejects only where the state cannot be read or written: then nothing was cosigned. */
  addCheckpoint(body: string): Promise<Answer>;
  /** The checkpoint of a log that was cosigned last, by the hash of its origin. */
  checkpoint(originHash: string): Promise<Answer>;
  /** Resolves when every call under way has ended. */
  idle(): Promise<void>;
}

export interface WitnessOptions {
  /** Own key, type 4 (cosignature/v1). */
  readonly signer: NoteSigner;
  /** Verifier keys of the logs; several of one name are keys of one log. */
  readonly logs: readonly string[];
  readonly state: WitnessState;
  /** Milliseconds since 1970. */
  readonly clock: { now(): number };
}

interface Log {
  readonly hash: string;
  readonly keys: readonly NoteVerifier[];
  /** The last call that reads and writes this log's state; the next one waits for it. */
  turn: Promise<unknown>;
  /** What the file says, kept so that nobody's questions cost a verification. Set in turn only. */
  latest?: Remembered | undefined;
}

type Remembered = Checkpoint & { readonly note: string };

/** Reads every state file first: a witness whose memory is damaged does not start, instead of cosigning from nothing. */
export async function openWitness({ signer, logs, state, clock }: WitnessOptions): Promise<Witness> {
  const own = verifierOf(signer);
  if (own.type !== 4) throw new RangeError('the key of a witness is one for cosignatures');
  const known = new Map<string, Log>();
  for (const key of logs.map(parseVerifierKey)) {
    const keys = [...(known.get(key.name)?.keys ?? []), key];
    known.set(key.name, { hash: hashOfOrigin(key.name), keys, turn: Promise.resolve() });
  }
  const byHash = new Map([...known.values()].map((log) => [log.hash, log]));
  for (const log of known.values()) log.latest = await load(log);

  /** Its signatures are verified: a file that somebody wrote is no memory. */
  async function load(log: Log): Promise<Remembered | undefined> {
    const note = await state.read(log.hash);
    if (note === undefined) return undefined;
    openNote(note, [own]);
    return { ...decodeCheckpoint(openNote(note, log.keys).text), note };
  }

  async function judge(log: Log, request: WitnessRequest): Promise<Answer> {
    log.latest ??= await load(log);
    const before = log.latest;
    const note = signedBy(request.note, log.keys);
    // Two roots of one size: the log signed both, and the two notes together prove it to anybody.
    if (before?.size === request.checkpoint.size && !equal(before.root, request.checkpoint.root))
      await state.keep(`${log.hash}-${before.size}.fork`, encodeForkProof(before.note, note));
    const size = before?.size ?? 0;
    if (request.oldSize !== size) return { status: 409, contentType: 'text/x.tlog.size', body: `${size}\n` };
    if (!isConsistent(request, before)) return plain(422, 'not consistent with what was cosigned before\n');
    const seconds = Math.floor(clock.now() / 1000);
    // A cosignature without a time is another statement, which this witness does not make.
    if (!(seconds > 0)) throw new RangeError('the clock stands at nothing');
    const line = cosign(request.text, signer, seconds);
    // If the writing fails, the file may hold either: then it is read again before the next answer.
    log.latest = undefined;
    const cosigned = addSignatures(note, [line]);
    await state.write(log.hash, cosigned);
    log.latest = { ...request.checkpoint, note: cosigned };
    return plain(200, line);
  }

  return {
    async addCheckpoint(body) {
      const request = readRequest(body);
      if (request === undefined) return plain(400, 'malformed\n');
      const log = known.get(request.checkpoint.origin);
      if (log === undefined) return plain(404, 'unknown log\n');
      if (!isSigned(request.note, log.keys)) return plain(403, 'not signed by the log\n');
      if (request.oldSize > request.checkpoint.size) return plain(400, 'the old size is the greater one\n');
      // Check and write in one piece: a call that came between the two could set the record back.
      const mine = log.turn.then(() => judge(log, request));
      log.turn = mine.catch(() => undefined);
      return mine;
    },
    async checkpoint(originHash) {
      const log = byHash.get(originHash);
      const found = log === undefined ? undefined : (log.latest ?? (await load(log)));
      return found === undefined ? plain(404, 'nothing cosigned\n') : plain(200, found.note);
    },
    async idle() {
      await Promise.all([...known.values()].map(({ turn }) => turn));
    },
  };
}

function plain(status: Answer['status'], body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
