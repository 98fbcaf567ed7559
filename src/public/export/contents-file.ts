import { fromHex, fromUtf8, toHex, utf8 } from '../../foundation/bytes.js';
import { decodeByEncoding, type JsonMembers } from '../../foundation/canonical-json.js';
import { TILE_WIDTH } from '../../log/tile.js';
import { type Content, contentForm, contentOfMembers } from '../content-form.js';
import { isCount, isHex } from '../shape.js';
import { MAX_STATEMENT_BYTES } from '../text.js';
import { exportInvalid } from './export-reader.js';
import { bundleOf } from './layout.js';

/** The content of one statement as it is now, with what ties it to its leaf or last amendment. */
export interface StoredContent {
  /** Register number. */
  readonly index: number;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** Canonical content: the bytes that are hashed. */
  readonly bytes: Uint8Array;
}

export interface ReadContent extends StoredContent {
  readonly content: Content;
}

/** 256 contents and what stands around each. */
const MAX_CONTENTS_BYTES = TILE_WIDTH * (MAX_STATEMENT_BYTES + 128) + 2;

/**
 * `contents/<N>.json`: canonical JSON `[{"content":{…},"index":n,"salt":"hex"}, …]` of the statements of bundle N whose content is there,
 * by register number. Throws `EXPORT_INVALID` for contents that are malformed, twice, out of order or of another bundle.
 */
export function encodeContents(bundle: number, contents: readonly StoredContent[]): Uint8Array {
  try {
    const rows = contents.map(({ index, salt, bytes }) => ({ index, salt: toHex(salt), text: fromUtf8(bytes) }));
    const file = utf8(contentsText(bundle, rows));
    // What is no canonical content, or more than one, shows when it is read again.
    if (decodeContents(bundle, file).length === rows.length) return file;
  } catch {
    // Whatever it is, the format has one code.
  }
  throw malformed();
}

/** Strict inverse of `encodeContents`; of a content the form is checked (`contentForm`), its hash is compared elsewhere. Throws `EXPORT_INVALID`. */
export function decodeContents(bundle: number, bytes: Uint8Array): readonly ReadContent[] {
  const rows = decodeByEncoding(bytes, MAX_CONTENTS_BYTES, rowsOf, (parsed) => contentsText(bundle, parsed), malformed);
  return rows.map(({ index, salt, content, text }) => ({ index, salt: fromHex(salt), content, bytes: utf8(text) }));
}

interface Row {
  readonly index: number;
  readonly salt: string;
  /** Canonical content. */
  readonly text: string;
}

function rowsOf(parsed: unknown): readonly (Row & { readonly content: Content })[] {
  return (parsed as readonly JsonMembers[]).map(({ content: members, index, salt }) => {
    const content = contentOfMembers(members as JsonMembers);
    return { index, salt, content, text: contentForm(content) } as Row & { content: Content };
  });
}

function contentsText(bundle: number, rows: readonly Row[]): string {
  let least = bundle * TILE_WIDTH;
  const printed = rows.map(({ index, salt, text }) => {
    if (!isCount(index, least) || bundleOf(index) !== bundle || !isHex(salt, 32)) throw malformed();
    least = index + 1;
    return `{"content":${text},"index":${index},"salt":"${salt}"}`;
  });
  return `[${printed.join(',')}]`;
}

function malformed(): Error {
  return exportInvalid('malformed contents');
}
