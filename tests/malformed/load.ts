import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { concatBytes, fromHex, utf8 } from '../../src/foundation/bytes.js';

/** One small change of a base's bytes. A negative `at` counts from the end. */
type Edit =
  | { readonly replace: string; readonly with: string }
  | { readonly at: number; readonly set: string }
  | { readonly at: number; readonly insert: string }
  | { readonly at: number; readonly remove: number }
  | { readonly cut: number }
  | { readonly append: string }
  | { readonly appendText: string; readonly times: number };

/** Where the bytes come from: hex, text, a file beside it, or the edits of a base of the same folder. README.md has the whole format. */
interface Recipe {
  readonly what: string;
  readonly hex?: string;
  readonly text?: string;
  readonly file?: string;
  readonly base?: string;
  readonly edits?: readonly Edit[];
}

export interface Base {
  readonly name: string;
  readonly what: string;
  readonly bytes: Uint8Array;
}

export interface Malformation extends Base {
  /** The code, or the class of a caller's bug. */
  readonly code: string;
}

const folder = (format: string): URL => new URL(`./${format}/`, import.meta.url);

/** The folders there are. */
export function formatFolders(): readonly string[] {
  const entries = readdirSync(fileURLToPath(new URL('.', import.meta.url)), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** The well-formed files of a format, `base*.json`. */
export function readBases(format: string): readonly Base[] {
  return names(format, /^base(?:-[a-z0-9-]+)?\.json$/).map((name) => {
    const recipe = read<Recipe>(format, `${name}.json`);
    return { name, what: recipe.what, bytes: bytesOf(format, recipe) };
  });
}

/** The malformed files, `nn-what-is-wrong.json`, in order of their numbers. */
export function readMalformations(format: string): readonly Malformation[] {
  return names(format, /^\d\d-[a-z0-9-]+\.json$/).map((name) => {
    const recipe = read<Recipe & { readonly code: string }>(format, `${name}.json`);
    return { name, what: recipe.what, code: recipe.code, bytes: bytesOf(format, recipe) };
  });
}

/** Every file name of the folder that is neither of both kinds nor a base's bytes: there should be none. */
export function strayFiles(format: string): readonly string[] {
  return readdirSync(folder(format)).filter((name) => !/^(?:base(?:-[a-z0-9-]+)?\.(?:json|bin)|\d\d-[a-z0-9-]+\.json)$/.test(name));
}

function names(format: string, pattern: RegExp): readonly string[] {
  const files = readdirSync(folder(format)).filter((name) => pattern.test(name));
  return files.sort().map((name) => name.slice(0, -'.json'.length));
}

function read<T>(format: string, name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder(format)), 'utf8')) as T;
}

function bytesOf(format: string, recipe: Recipe): Uint8Array {
  return (recipe.edits ?? []).reduce(apply, origin(format, recipe));
}

function origin(format: string, { hex, text, file, base }: Recipe): Uint8Array {
  if (hex !== undefined) return fromHex(hex);
  if (text !== undefined) return utf8(text);
  if (file !== undefined) {
    const path = new URL(file, folder(format));
    if (!existsSync(path)) throw new Error(`the file of a ${format} base is missing`);
    return new Uint8Array(readFileSync(path));
  }
  if (base !== undefined) return bytesOf(format, read<Recipe>(format, `${base}.json`));
  throw new Error(`a file of ${format} has no bytes`);
}

function apply(bytes: Uint8Array, edit: Edit): Uint8Array {
  if ('replace' in edit) return replaceOnce(bytes, utf8(edit.replace), utf8(edit.with));
  if ('cut' in edit) return bytes.slice(0, edit.cut);
  if ('append' in edit) return concatBytes(bytes, fromHex(edit.append));
  if ('appendText' in edit) return concatBytes(bytes, utf8(edit.appendText.repeat(edit.times)));
  const at = edit.at < 0 ? bytes.length + edit.at : edit.at;
  if (at < 0 || at > bytes.length) throw new Error('an edit lies outside of its base');
  if ('remove' in edit) return splice(bytes, at, edit.remove, new Uint8Array(0));
  if ('insert' in edit) return splice(bytes, at, 0, fromHex(edit.insert));
  const set = fromHex(edit.set);
  return splice(bytes, at, set.length, set);
}

/** Refuses what does not occur, so that an edit cannot silently become none when a base changes. */
function replaceOnce(bytes: Uint8Array, old: Uint8Array, by: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf(old);
  if (at < 0) throw new Error('what an edit replaces does not occur in its base');
  return splice(bytes, at, old.length, by);
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  return concatBytes(bytes.slice(0, at), insert, bytes.slice(at + remove));
}
