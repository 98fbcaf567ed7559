import { readFileSync } from 'node:fs';
import { nodeBackend } from '../../src/backends/node.js';
import { sealXChaCha } from '../../src/foundation/aead.js';
import { concatBytes, fromHex, utf8 } from '../../src/foundation/bytes.js';
import { decodeCanonicalJson, encodeCanonicalJson, type JsonValue } from '../../src/foundation/canonical-json.js';
import { ED25519_SIGNATURE_LENGTH, signMessage } from '../../src/foundation/ed25519.js';
import { hpkeSeal } from '../../src/foundation/hpke-seal.js';
import { splitPublicKey } from '../../src/foundation/hybrid-kem.js';
import { decapsulate, decodeHybridPrivateKey, encodeHybridPrivateKey } from '../../src/foundation/hybrid-kem-open.js';
import { LABELS } from '../../src/foundation/labels.js';
import { pad } from '../../src/foundation/padding.js';
import { encodeTuple, hashTuple } from '../../src/foundation/tuple.js';
import { deriveClaimKey } from '../../src/claims/claim-key.js';
import { openClaim } from '../../src/claims/open-claim.js';
import { entropyFromPhrase } from '../../src/claims/open-phrase.js';
import { type PhraseLanguage, phraseFromEntropy, WORDLISTS } from '../../src/claims/phrase.js';
import { decodeReply, encodeReply } from '../../src/claims/reply-format.js';
import { registrationOf } from '../../src/edges/cli/csv-columns.js';
import { csvRows, outlineCsv } from '../../src/edges/cli/csv-file.js';
import { parseJson, readText } from '../../src/edges/cli/read-input.js';
import { type Registration, RegistryError } from '../../src/index.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/log/checkpoint.js';
import { encodeVerifierKey, parseNote, parseVerifierKey } from '../../src/log/note.js';
import { encodeForkProof, verifyForkProof } from '../../src/log/fork-proof.js';
import { parsePolicy } from '../../src/log/policy.js';
import { decodeProofBundle, encodeProofBundle } from '../../src/log/proof-bundle.js';
import { encodeNote } from '../../src/log/sign-note.js';
import { encodeSignerKey, parseSignerKey } from '../../src/log/signer-key.js';
import { decodeEntryBundle, encodeEntryBundle } from '../../src/log/tile.js';
import { decodeAddCheckpoint, encodeAddCheckpoint } from '../../src/log/witness-request.js';
import { decodeContent, encodeContent } from '../../src/public/content.js';
import { decodeContents, encodeContents } from '../../src/public/export/contents-file.js';
import { encodeCounts } from '../../src/public/export/export-counts.js';
import { decodeLogFile, encodeLogFile } from '../../src/public/export/log-file.js';
import { decodeCounts } from '../../src/public/export/read-counts.js';
import { decodeLeaf, encodeLeaf } from '../../src/public/leaf.js';
import { decodeStatement, encodeStatement } from '../../src/public/statement.js';
import { checkInside, openOuter } from '../../src/registry/open-submission.js';
import { decodeSettings, encodeSettings } from '../../src/registry/settings.js';
import { decodeCompartment, encodeCompartment } from '../../src/sealed/compartment.js';
import { normaliseContact } from '../../src/sealed/contact.js';
import { normaliseIdentity } from '../../src/sealed/identity.js';
import { decodePublicKeys, encodePublicKeys } from '../../src/sealed/keys/public-keys.js';
import { armourShare, parseShare } from '../../src/sealed/keys/share-armour.js';
import { decodeShareEnvelope, encodeShareEnvelope } from '../../src/sealed/keys/share-envelope.js';
import { verifyShare } from '../../src/sealed/keys/verify-share.js';
import { decodeLink, encodeLink } from '../../src/sealed/link.js';
import { decodeQuarantined, encodeQuarantined } from '../../src/sealed/quarantine.js';
import { decodeSealedRecord, encodeSealedRecord } from '../../src/sealed/record.js';
import { checkRegistration } from '../../src/submit/check-registration.js';
import { decodeInside, encodeInner, encodeInnerRequest } from '../../src/submit/inner-format.js';
import { decodeOuter, encodeOuter } from '../../src/submit/outer-format.js';
import { decodeRequest, encodeRequest } from '../../src/submit/request-format.js';
import { assertPolicy, type Policy } from '../../src/vocabulary/policy.js';
import { stateAgain } from './state-file.js';

/** One reader of bytes that come from outside: a device, a file, a custodian, a store somebody tampered with. */
export interface Format {
  /** Its folder below tests/malformed. */
  readonly name: string;
  /** Decodes, and encodes what came out: a decoder that takes more than its encoder writes shows. */
  readonly again: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** The codes it may refuse with; RangeError where its contract says so. Whatever else it throws is a defect. */
  readonly refusals: readonly string[];
  /** How many malformations its folder holds. */
  readonly files: number;
  /** Makes checksum or signature anew, so that fuzzing gets behind it. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array;
}

const golden = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../golden/v1/${name}`, import.meta.url)));
const goldenText = (name: string): string => new TextDecoder().decode(golden(name));
const epochKey = decodeHybridPrivateKey(fromHex(goldenText('files/epoch-private-key.hex').trim()));
const settings = decodeSettings(golden('registry/keys/registry.json'));
const claimKey = deriveClaimKey(entropyFromPhrase((JSON.parse(goldenText('files/claim.json')) as { phrase: string }).phrase));
/** The Ed25519 seed that signs the requests of these files: a test key. */
const REQUEST_SEED = new Uint8Array(32).fill(5);
const options = { backend: nodeBackend };

/** Text formats are read from text; bytes that are no UTF-8 stand for their Latin-1 characters. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

const JSON_LIMIT = 4096;
const jsonOf = (bytes: Uint8Array): JsonValue => decodeCanonicalJson(bytes, JSON_LIMIT);

function insideAgain(bytes: Uint8Array): Uint8Array {
  const inside = decodeInside(bytes);
  return 'inner' in inside ? encodeInner(inside.inner) : encodeInnerRequest(inside.request);
}

function checkedInsideAgain(bytes: Uint8Array): Uint8Array {
  checkInside(bytes, settings, options);
  return insideAgain(bytes);
}

/** The words around the block are not read, and CRLF is taken: what must come out the same is the block. */
function armourAgain(bytes: Uint8Array): Uint8Array {
  const text = textOf(bytes);
  const written = armourShare(parseShare(text));
  return blockOf(text) === blockOf(written) ? bytes : utf8(written);
}

function blockOf(armoured: string): string {
  const lines = armoured.split(/\r?\n/);
  const border = (word: string): number => lines.indexOf(`-----${word} CRYPTONYM SHARE-----`);
  return lines.slice(border('BEGIN'), border('END')).join('\n');
}

/** The 256 padded bytes inside a claim row; sealed here, because nobody else could put a malformed content into one. */
function claimContentAgain(padded: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(24);
  const row = concatBytes(nonce, sealXChaCha(claimKey.rowKey, nonce, padded, encodeTuple(LABELS.claimRow, claimKey.locator)));
  const { kappa, replySeed } = openClaim(row, claimKey);
  return pad(concatBytes(utf8('cn/clm/1'), kappa, replySeed), 256);
}

/** A phrase may be typed in any case and with any spaces: what must come out the same are the words. */
function phraseAgain(bytes: Uint8Array): Uint8Array {
  const letters = (text: string): string => text.normalize('NFKD').toLowerCase().replace(/\s+/gu, '');
  const text = textOf(bytes);
  const entropy = entropyFromPhrase(text);
  const phrases = (Object.keys(WORDLISTS) as PhraseLanguage[]).map((language) => phraseFromEntropy(entropy, language));
  return phrases.some((phrase) => letters(phrase) === letters(text)) ? bytes : utf8(phrases[0] ?? '');
}

/** Not a strict inverse but a canonicaliser: doing it twice must change nothing. */
function normalisedAgain(bytes: Uint8Array, normalise: (input: unknown) => object): Uint8Array {
  const encode = (value: object): Uint8Array => encodeCanonicalJson(value as JsonValue);
  const once = encode(normalise(jsonOf(bytes)));
  return Buffer.from(encode(normalise(jsonOf(once)))).equals(once) ? bytes : once;
}

function policyAgain(bytes: Uint8Array): Uint8Array {
  const policy = jsonOf(bytes) as unknown as Policy;
  assertPolicy(policy);
  return encodeCanonicalJson(policy as unknown as JsonValue);
}

function publicKeyAgain(bytes: Uint8Array): Uint8Array {
  const empty = new Uint8Array(0);
  hpkeSeal({ publicKey: bytes, info: empty, aad: empty, plaintext: empty }, options);
  const { mlKem, point } = splitPublicKey(bytes);
  return concatBytes(mlKem, point);
}

/** Extension lines are passed over: what must come out the same are the three lines before them. */
function checkpointAgain(bytes: Uint8Array): Uint8Array {
  const text = textOf(bytes);
  const written = encodeCheckpoint(decodeCheckpoint(text));
  return text.startsWith(written) ? bytes : utf8(written);
}

/** Reads a file's bytes as `cryptonym import` does and throws the first row's refusal too. */
async function csvAgain(bytes: Uint8Array): Promise<Uint8Array> {
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  const outline = await outlineCsv(source);
  for await (const cells of csvRows(source, outline)) checkRow(registrationOf(outline.columns, cells));
  return bytes;
}

function checkRow(row: Registration | RegistryError): void {
  if (row instanceof RegistryError) throw row;
  checkRegistration(row, settings.policy, options);
}

/** Reads a registration as `cryptonym register` does. */
async function registrationAgain(bytes: Uint8Array): Promise<Uint8Array> {
  async function* once() {
    yield bytes;
  }
  const text = await readText(once(), 1024 * 1024, 'JSON_INVALID');
  checkRegistration(parseJson(text, 16) as Registration, settings.policy, options);
  return bytes;
}

const REGISTRATION_REFUSALS = [
  'REGISTRATION_INVALID',
  'IDENTITY_INVALID',
  'CONTACT_INVALID',
  'STATEMENT_INVALID',
  'STATEMENT_TOO_LARGE',
  'CATEGORY_UNKNOWN',
  'ALIAS_INVALID',
  'STATEMENT_LEAKS_NAME',
  'STATEMENT_LEAKS_CONTACT',
  'PIN_INVALID',
];
const STATEMENT_REFUSALS = ['STATEMENT_INVALID', 'STATEMENT_TOO_LARGE'];

function format(
  name: string,
  files: number,
  refusals: string | readonly string[],
  again: Format['again'],
  more: Partial<Format> = {},
): Format {
  return { name, files, refusals: typeof refusals === 'string' ? [refusals] : refusals, again, ...more };
}

/** For what opens or does not: there is nothing to encode again. */
function opened(open: (bytes: Uint8Array) => unknown): Format['again'] {
  return (bytes) => {
    open(bytes);
    return bytes;
  };
}

/** A text format: written again as UTF-8, or as it came where it was no UTF-8. */
function textual(again: (text: string) => string): Format['again'] {
  return (bytes) => {
    const text = textOf(bytes);
    const written = again(text);
    return written === text ? bytes : utf8(written);
  };
}

/** The log whose forks lie in these files: a test key. */
const FORKED_LOG = 'register.example/log+35cfcdf5+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c';

function forkProofAgain(text: string): string {
  const { first, second, past } = verifyForkProof(text, { key: FORKED_LOG });
  return encodeForkProof(first.note, second.note, past);
}

function withChecksum(envelope: Uint8Array): Uint8Array {
  const body = envelope.slice(0, -16);
  return concatBytes(body, hashTuple(LABELS.shareChecksum, body).slice(0, 16));
}

function withSignature(request: Uint8Array): Uint8Array {
  const body = request.slice(0, -ED25519_SIGNATURE_LENGTH);
  return concatBytes(body, signMessage(encodeTuple(LABELS.requestSignature, body), REQUEST_SEED, options));
}

/** Every parser of stored, sent or typed bytes. A format without a folder, and a folder without a format, fail the test. */
export const FORMATS: readonly Format[] = [
  format('canonical-json', 38, 'JSON_INVALID', (bytes) => encodeCanonicalJson(jsonOf(bytes))),
  format('submission', 13, 'SUBMISSION_INVALID', (bytes) => encodeOuter(decodeOuter(bytes))),
  format(
    'submission-opened',
    12,
    ['OPEN_FAILED', 'SUBMISSION_INVALID'],
    opened((bytes) => openOuter(bytes, epochKey, options)),
  ),
  format('inside', 27, 'SUBMISSION_INVALID', insideAgain),
  format(
    'inside-checked',
    16,
    ['SUBMISSION_INVALID', 'FORMAT_INVALID', 'CATEGORY_UNKNOWN', 'REQUEST_INVALID', 'OPEN_FAILED', ...STATEMENT_REFUSALS],
    checkedInsideAgain,
  ),
  format(
    'request',
    33,
    ['REQUEST_INVALID', 'OPEN_FAILED'],
    (bytes) => encodeRequest(decodeRequest(bytes, options), REQUEST_SEED, options),
    { repair: withSignature },
  ),
  format('compartment', 23, 'FORMAT_INVALID', (bytes) => encodeCompartment(decodeCompartment(bytes))),
  format('link', 8, 'FORMAT_INVALID', (bytes) => encodeLink(decodeLink(bytes))),
  format('quarantine', 8, 'FORMAT_INVALID', (bytes) => encodeQuarantined(decodeQuarantined(bytes))),
  format('record', 16, 'FORMAT_INVALID', (bytes) => encodeSealedRecord(decodeSealedRecord(bytes))),
  format('identity', 21, ['JSON_INVALID', 'IDENTITY_INVALID'], (bytes) => normalisedAgain(bytes, normaliseIdentity)),
  format('contact', 18, ['JSON_INVALID', 'CONTACT_INVALID'], (bytes) => normalisedAgain(bytes, normaliseContact)),
  format('share', 22, ['SHARE_INVALID', 'SHARE_BAD'], (bytes) => encodeShareEnvelope(decodeShareEnvelope(bytes)), { repair: withChecksum }),
  format('share-verified', 10, ['SHARE_INVALID', 'SHARE_BAD'], (bytes) => encodeShareEnvelope(verifyShare(decodeShareEnvelope(bytes))), {
    repair: withChecksum,
  }),
  format('share-armour', 20, ['SHARE_INVALID', 'SHARE_BAD'], armourAgain),
  format('claim-content', 10, 'OPEN_FAILED', claimContentAgain),
  format(
    'claim-row',
    7,
    'OPEN_FAILED',
    opened((bytes) => openClaim(bytes, claimKey)),
  ),
  format('reply', 27, 'OPEN_FAILED', (bytes) => encodeReply(decodeReply(bytes))),
  format('phrase', 13, 'OPEN_FAILED', phraseAgain),
  format('statement', 43, STATEMENT_REFUSALS, (bytes) => encodeStatement(decodeStatement(bytes))),
  format('content', 24, 'FORMAT_INVALID', (bytes) => encodeContent(decodeContent(bytes))),
  format('leaf', 67, 'FORMAT_INVALID', (bytes) => encodeLeaf(decodeLeaf(bytes))),
  format('export-contents', 32, 'EXPORT_INVALID', (bytes) => encodeContents(0, decodeContents(0, bytes))),
  format('export-counts', 34, 'EXPORT_INVALID', (bytes) => encodeCounts(decodeCounts(bytes))),
  format('export-log', 27, 'EXPORT_INVALID', (bytes) => encodeLogFile(decodeLogFile(bytes))),
  format('settings', 17, ['KEYS_INVALID', 'POLICY_INVALID'], (bytes) => encodeSettings(decodeSettings(bytes))),
  format('policy', 22, ['JSON_INVALID', 'POLICY_INVALID', 'TypeError'], policyAgain),
  format('public-keys', 29, 'KEYS_INVALID', (bytes) => encodePublicKeys(decodePublicKeys(bytes))),
  format('private-key', 8, ['KEYS_INVALID', 'RangeError'], (bytes) => encodeHybridPrivateKey(decodeHybridPrivateKey(bytes))),
  format('public-key', 10, ['KEYS_INVALID', 'RangeError'], publicKeyAgain),
  format(
    'encapsulated-key',
    8,
    ['OPEN_FAILED', 'RangeError'],
    opened((bytes) => decapsulate(bytes, epochKey, options)),
  ),
  format('csv', 31, ['IMPORT_INVALID', ...REGISTRATION_REFUSALS], csvAgain),
  format('registration-json', 38, ['JSON_INVALID', ...REGISTRATION_REFUSALS], registrationAgain),
  format('checkpoint', 30, 'NOTE_INVALID', checkpointAgain),
  format(
    'signed-note',
    32,
    'NOTE_INVALID',
    textual((text) => encodeNote(parseNote(text))),
  ),
  format(
    'verifier-key',
    30,
    'NOTE_INVALID',
    textual((text) => encodeVerifierKey(parseVerifierKey(text))),
  ),
  format(
    'signer-key',
    19,
    'LOG_KEY_INVALID',
    textual((text) => encodeSignerKey(parseSignerKey(text))),
  ),
  format(
    'log-policy',
    51,
    'LOG_POLICY_INVALID',
    opened((bytes) => parsePolicy(textOf(bytes))),
  ),
  format(
    'proof-bundle',
    33,
    'PROOF_INVALID',
    textual((text) => encodeProofBundle(decodeProofBundle(text))),
  ),
  format(
    'add-checkpoint',
    23,
    'FORMAT_INVALID',
    textual((text) => encodeAddCheckpoint(decodeAddCheckpoint(text))),
  ),
  format('fork-proof', 20, ['PROOF_INVALID', 'NOTE_INVALID'], textual(forkProofAgain)),
  format('monitor-state', 12, 'USAGE', stateAgain),
  format('entry-bundle', 14, 'EXPORT_INVALID', (bytes) => encodeEntryBundle(decodeEntryBundle(bytes, 3))),
];
