import { createHash, type Hash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { RegistryError } from '../../index.js';
import { type Column, readHeader } from './csv-columns.js';

/** Opens the file anew, from its first byte. */
export type CsvSource = () => AsyncIterable<Uint8Array>;

/** What the first reading of a file finds. */
export interface CsvOutline {
  /** Names the import: the same file again goes on where it stopped. */
  readonly sha256: Uint8Array;
  readonly columns: readonly Column[];
  /** Data rows, blank ones not counted. */
  readonly rows: number;
}

/** Most bytes of one record, cells together: a quotation mark that is never closed must not fill the memory. */
const MAX_RECORD_BYTES = 8 * 1024 * 1024;

/**
 * Reads the file once from end to end, so that a file with a broken quotation mark or in another encoding is refused before its first row
 * is stored: repaired, it would be another file and its rows would come twice.
 * Throws `IMPORT_INVALID`, `DEPENDENCY_MISSING`, `USAGE`.
 */
export async function outlineCsv(source: CsvSource): Promise<CsvOutline> {
  const hash = createHash('sha256');
  let columns: readonly Column[] | undefined;
  let rows = 0;
  for await (const record of csvRecords(source, hash)) {
    if (columns === undefined) columns = readHeader(record);
    else rows++;
  }
  if (columns === undefined)
    throw new RegistryError('IMPORT_INVALID', 'no row names the columns: the file is empty, or its rows are blank');
  return { sha256: new Uint8Array(hash.digest()), columns, rows };
}

/** The data rows. Throws `IMPORT_MISMATCH` at the end if the file is no longer the one that was outlined. */
export async function* csvRows(source: CsvSource, outline: CsvOutline): AsyncIterable<readonly string[]> {
  const hash = createHash('sha256');
  let header = true;
  for await (const record of csvRecords(source, hash)) {
    if (!header) yield record;
    header = false;
  }
  if (!hash.digest().equals(outline.sha256)) throw new RegistryError('IMPORT_MISMATCH', 'the file changed while it was read');
}

async function* csvRecords(source: CsvSource, hash: Hash): AsyncIterable<readonly string[]> {
  const parse = await loadParser();
  const parser = parse({
    bom: true,
    delimiter: ',',
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MAX_RECORD_BYTES,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  // Errors of the source come out of the parser; nothing is left to do in the callback.
  pipeline(Readable.from(checkedBytes(source, hash)), parser, () => undefined);
  try {
    for await (const record of parser) yield record as readonly string[];
  } catch (error) {
    throw error instanceof RegistryError ? error : malformed(error);
  }
}

/** The bytes, hashed, and refused unless they are UTF-8. */
async function* checkedBytes(source: CsvSource, hash: Hash): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of source()) {
    hash.update(chunk);
    assertUtf8(() => decoder.decode(chunk, { stream: true }));
    yield chunk;
  }
  assertUtf8(() => decoder.decode());
}

function assertUtf8(decode: () => unknown): void {
  try {
    decode();
  } catch {
    throw new RegistryError('IMPORT_INVALID', 'the file is not UTF-8 text; nothing was stored. In a spreadsheet, save it as "CSV UTF-8"');
  }
}

/** The parser's own message quotes cells. It counts records with the header, so its number is the one of the row that broke. */
function malformed(error: unknown): RegistryError {
  const { code, records } = (error ?? {}) as { code?: unknown; records?: unknown };
  const row = typeof records === 'number' ? records : 0;
  const place = row > 0 ? `row ${row}` : 'the first row';
  const what =
    code === 'CSV_MAX_RECORD_SIZE'
      ? 'longer than 8 MiB, or its quotation mark is never closed'
      : 'a quotation mark is misplaced or never closed';
  return new RegistryError('IMPORT_INVALID', `${place}: ${what}; nothing was stored`, row > 0 ? { row } : {});
}

async function loadParser() {
  try {
    return (await import('csv-parse')).parse;
  } catch {
    throw new RegistryError('DEPENDENCY_MISSING', 'reading CSV needs one more package: npm install csv-parse');
  }
}
