import type { CryptoOptions } from '../foundation/backend.js';
import { ByteReader } from '../foundation/byte-reader.js';
import { ByteWriter } from '../foundation/byte-writer.js';
import { fromUtf8, utf8 } from '../foundation/bytes.js';
import {
  ED25519_PUBLIC_KEY_LENGTH,
  ED25519_SIGNATURE_LENGTH,
  publicKeyOfSeed,
  signMessage,
  verifySignature,
} from '../foundation/ed25519.js';
import { LABELS } from '../foundation/labels.js';
import { encodeTuple } from '../foundation/tuple.js';

/** Signed with the entry's key: nothing in them names a record. */
export const ENTRY_OPERATIONS = ['status', 'amend', 'show-name', 'retract', 'remove-content', 'veto'] as const;
/** Signed with the record's key: nothing in them names an entry. */
export const RECORD_OPERATIONS = ['record-status', 'erase'] as const;

export type EntryOperation = (typeof ENTRY_OPERATIONS)[number];
export type RecordOperation = (typeof RECORD_OPERATIONS)[number];
export type Operation = EntryOperation | RecordOperation;

/** What a person asks of the registry (docs/spec/request.md). It belongs to one world: the two keys of κ never sign the same request. */
export interface Request {
  readonly operation: Operation;
  /** For `amend` and `show-name` the number of the amendment; for the two status operations any number of the device's; else 0. */
  readonly number: number;
  /** 32 bytes: where the reply will lie … */
  readonly mailbox: Uint8Array;
  /** … and 32 bytes: what it is sealed with. */
  readonly replyKey: Uint8Array;
  /** 32 bytes: salt of an amended content; zero for other operations. */
  readonly salt: Uint8Array;
  /** New text (empty: none) or name; empty for other operations. */
  readonly value: string;
  /** 64 bytes: what the leaf of the change will carry (`changeMessage`); zero for operations that leave no leaf. */
  readonly changeSignature: Uint8Array;
}

export interface SignedRequest extends Request {
  /** 32 bytes, Ed25519: its hash is the entry's or the record's id. */
  readonly publicKey: Uint8Array;
}

const MAGIC = utf8('cn/req/1');
/** What an operation uses; the rest of a request is zero or empty, so that it has one form only. */
interface OperationShape {
  readonly code: number;
  readonly operation: Operation;
  readonly number: 'amendment' | 'any' | 'none';
  /** Ends in a leaf that carries the holder's signature. */
  readonly leaf: boolean;
}

const OPERATIONS: readonly OperationShape[] = [
  { code: 1, operation: 'status', number: 'any', leaf: false },
  { code: 2, operation: 'amend', number: 'amendment', leaf: true },
  { code: 3, operation: 'show-name', number: 'amendment', leaf: true },
  { code: 4, operation: 'retract', number: 'none', leaf: true },
  { code: 5, operation: 'remove-content', number: 'none', leaf: true },
  { code: 6, operation: 'veto', number: 'none', leaf: false },
  { code: 16, operation: 'record-status', number: 'any', leaf: false },
  { code: 17, operation: 'erase', number: 'none', leaf: false },
];
const MAX_VALUE = 2048;
export const MAX_REQUEST = 8 + 1 + 4 + 32 * 4 + 4 + MAX_VALUE + 64 * 2;

/** Signs and encodes with the Ed25519 seed of the entry or the record. Throws RangeError for a value of more than 2048 bytes, or a part that the operation does not use. */
export function encodeRequest(request: Request, seed: Uint8Array, options: CryptoOptions = {}): Uint8Array {
  const body = encodeBody({ ...request, publicKey: publicKeyOfSeed(seed, options) });
  const signature = signMessage(encodeTuple(LABELS.requestSignature, body), seed, options);
  return new ByteWriter().fixed(body, body.length).fixed(signature, ED25519_SIGNATURE_LENGTH).finish();
}

/** Strict inverse; the signature is verified. Throws `REQUEST_INVALID` for a malformed one, `OPEN_FAILED` for a wrong signature. */
export function decodeRequest(bytes: Uint8Array, options: CryptoOptions = {}): SignedRequest {
  const reader = new ByteReader(bytes, 'request', MAX_REQUEST, 'REQUEST_INVALID').expect(MAGIC);
  const code = reader.u8();
  const shape = OPERATIONS.find((known) => known.code === code);
  if (shape === undefined) throw reader.invalid();
  const parts = {
    operation: shape.operation,
    number: reader.u32(),
    publicKey: reader.fixed(ED25519_PUBLIC_KEY_LENGTH),
    mailbox: reader.fixed(32),
    replyKey: reader.fixed(32),
    salt: reader.fixed(32),
  };
  const value = decodeText(reader.prefixed(MAX_VALUE));
  if (value === undefined) throw reader.invalid();
  const request = { ...parts, value, changeSignature: reader.fixed(ED25519_SIGNATURE_LENGTH) };
  const signature = reader.fixed(ED25519_SIGNATURE_LENGTH);
  reader.end();
  if (!hasShape(request, shape)) throw reader.invalid();
  verifySignature(signature, encodeTuple(LABELS.requestSignature, encodeBody(request)), request.publicKey, options);
  return request;
}

function encodeBody(request: SignedRequest): Uint8Array {
  const shape = OPERATIONS.find(({ operation }) => operation === request.operation);
  const value = utf8(request.value);
  if (shape === undefined || value.length > MAX_VALUE) throw new RangeError('no such operation, or a value of more than 2048 bytes');
  if (!hasShape(request, shape)) throw new RangeError('a request has what its operation uses and nothing else');
  return new ByteWriter()
    .fixed(MAGIC, MAGIC.length)
    .u8(shape.code)
    .u32(request.number)
    .fixed(request.publicKey, ED25519_PUBLIC_KEY_LENGTH)
    .fixed(request.mailbox, 32)
    .fixed(request.replyKey, 32)
    .fixed(request.salt, 32)
    .prefixed(value)
    .fixed(request.changeSignature, ED25519_SIGNATURE_LENGTH)
    .finish();
}

function hasShape({ number, salt, value, changeSignature }: Request, shape: OperationShape): boolean {
  const amends = shape.number === 'amendment';
  const numberFits = shape.number === 'any' || (amends ? number > 0 : number === 0);
  return numberFits && (amends || (isZero(salt) && value === '')) && shape.leaf !== isZero(changeSignature);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
}
