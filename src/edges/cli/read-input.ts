import { createReadStream } from 'node:fs';
import { type ErrorCode, RegistryError } from '../../index.js';
import { usageError } from './arguments.js';

/** An armoured share has a few KiB. */
export const MAX_SHARE_BYTES = 64 * 1024;

/** The bytes of a file that was named on the command line. Throws `USAGE`, without its name, when it cannot be read. */
export async function* fileBytes(path: string, option: string): AsyncIterable<Uint8Array> {
  const stream = createReadStream(path);
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch {
    throw usageError(`the file given with ${option} cannot be read`);
  } finally {
    stream.destroy();
  }
}

/** All of it, at most `limit` bytes. Throws `code`. */
export async function readBytes(source: AsyncIterable<Uint8Array>, limit: number, code: ErrorCode): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > limit) throw new RegistryError(code, `more than ${limit} bytes`, { limit });
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** All of it as text: strict UTF-8 (a byte order mark is dropped), capped before it is decoded. Throws `code`. */
export async function readText(source: AsyncIterable<Uint8Array>, limit: number, code: ErrorCode): Promise<string> {
  const bytes = await readBytes(source, limit, code);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RegistryError(code, 'not UTF-8 text');
  }
}

/**
 * JSON with a bound on its depth, checked before it is parsed: a million brackets take a parser long. A member that an object has twice is
 * refused: the parser would keep the last without a word. Throws `JSON_INVALID`.
 */
export function parseJson(text: string, maxDepth: number): unknown {
  const { depth, members } = outline(text);
  if (depth > maxDepth) throw new RegistryError('JSON_INVALID', `nested deeper than ${maxDepth}`, { limit: maxDepth });
  const value = parsed(text);
  if (membersOf(value) !== members) throw new RegistryError('JSON_INVALID', 'an object has a member twice');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the text.
    throw new RegistryError('JSON_INVALID', 'not JSON');
  }
}

/** Members of all objects in a value. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner: readonly unknown[] = Object.values(value);
  return inner.reduce((sum: number, each) => sum + membersOf(each), Array.isArray(value) ? 0 : inner.length);
}

/** How deep a text nests, and how many members it writes down: each has one colon outside of quotation marks. */
function outline(text: string): { readonly depth: number; readonly members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '[' || character === '{')) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (character === ']' || character === '}')) depth--;
    else if (!quoted && character === ':') members++;
  }
  return { depth: deepest, members };
}
