import { fromBase64, toBase64 } from '../../foundation/bytes.js';
import { RegistryError } from '../../foundation/errors.js';
import { decodeShareEnvelope, encodeShareEnvelope, type ShareEnvelope, type SharePurpose } from './share-envelope.js';

const BEGIN = '-----BEGIN CRYPTONYM SHARE-----';
const END = '-----END CRYPTONYM SHARE-----';
const COLUMNS = 64;
const MAX_CHARACTERS = 16 * 1024;

const OPENS: Readonly<Record<SharePurpose, string>> = {
  vault: 'the sealed names and contacts',
  link: 'the link between a sealed name and a public alias',
  quarantine: 'statements that could not be processed',
};

/**
 * The text a custodian keeps: what it is in plain words, then the envelope in base64. Secret as a whole.
 * The words are for people; only the block counts, and `parseShare` reads nothing else.
 */
export function armourShare(envelope: ShareEnvelope): string {
  const base64 = toBase64(encodeShareEnvelope(envelope));
  const lines = Array.from({ length: Math.ceil(base64.length / COLUMNS) }, (_, i) => base64.slice(i * COLUMNS, (i + 1) * COLUMNS));
  return [...header(envelope), BEGIN, ...lines, END, ''].join('\n');
}

/**
 * The envelope in an armoured text: exactly one block, strict base64 in lines of 64, at most 16 Ki characters; CRLF line ends are taken too,
 * because mail and Windows editors make them. Throws `SHARE_INVALID`, `SHARE_BAD` like `decodeShareEnvelope`, TypeError for no string.
 */
export function parseShare(text: string): ShareEnvelope {
  if (typeof text !== 'string') throw new TypeError('share must be a string');
  if (text.length > MAX_CHARACTERS) throw invalid();
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const begin = lines.indexOf(BEGIN);
  const end = lines.indexOf(END);
  const single = begin === lines.lastIndexOf(BEGIN) && end === lines.lastIndexOf(END);
  if (begin < 0 || end <= begin + 1 || !single) throw invalid();
  const block = lines.slice(begin + 1, end);
  const last = block.length - 1;
  if (!block.every((line, i) => (i < last ? line.length === COLUMNS : line.length >= 1 && line.length <= COLUMNS))) throw invalid();
  return decodeShareEnvelope(bytesOf(block.join('')));
}

function header({ purpose, custodian, custodians, quorum }: ShareEnvelope): string[] {
  return [
    `Key share of custodian ${custodian} of ${custodians}, key: ${purpose}`,
    '',
    `This is one piece of a key. The key opens ${OPENS[purpose]}.`,
    `Alone this piece opens nothing: ${quorum} of the ${custodians} custodians must put theirs together.`,
    '',
    'Keep it offline: printed on paper, or on a memory stick that is never in a computer',
    'with a network. Keep it locked away and never in the same place as another share.',
    'Do not photograph it, mail it, type it into a telephone or store it in a cloud.',
    'Do not tell anybody who has no need to know that you hold it.',
    'Twice a year, check that it is still readable (the program can do this without',
    'opening anything). If it is lost, damaged or seen by somebody else, tell the other',
    'custodians at once. A share cannot be replaced: what is sealed stays sealed to this set.',
    `If fewer than ${quorum} good ones are left, nobody can open it any more. If others have seen ${quorum},`,
    'they can open it. New registrations are safe again in a new registry with a new set.',
    '',
  ];
}

function bytesOf(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    throw invalid();
  }
}

function invalid(): RegistryError {
  return new RegistryError('SHARE_INVALID', 'not a share file');
}
