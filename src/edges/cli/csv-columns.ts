import { type Registration, RegistryError, type StatementInput } from '../../index.js';

/** The columns of an import, in any order. */
export const COLUMNS = [
  'name',
  'birth_date',
  'sex',
  'birthplace',
  'phone',
  'email',
  'address',
  'workplace',
  'alias',
  'categories',
  'evidence',
  'publish_as',
  'statement',
  'channel',
  'origin',
  'period',
  'group',
] as const;
export type Column = (typeof COLUMNS)[number];

const NEEDED: readonly Column[] = ['name', 'categories'];

/** Longest cell, in UTF-16 units: every field's own limit is far below. */
const MAX_CELL = 16 * 1024;

/** Column names of a header row. Throws `IMPORT_INVALID`; an unknown name is told by its place, since it may be a person's. */
export function readHeader(cells: readonly string[]): readonly Column[] {
  const columns = cells.map((cell, i) => {
    const column = COLUMNS.find((name) => name === cell.trim().toLowerCase());
    if (column === undefined) {
      throw new RegistryError(
        'IMPORT_INVALID',
        `the first row names the columns; column ${i + 1} has an unknown name. Allowed: ${COLUMNS.join(', ')}`,
      );
    }
    return column;
  });
  if (new Set(columns).size !== columns.length) throw new RegistryError('IMPORT_INVALID', 'a column occurs twice');
  for (const field of NEEDED)
    if (!columns.includes(field)) throw new RegistryError('IMPORT_INVALID', `the column ${field} is missing`, { field });
  return columns;
}

/** A row as a registration, or as the reason why it is none. The values themselves are checked where every registration is. */
export function registrationOf(columns: readonly Column[], cells: readonly string[]): Registration | RegistryError {
  if (cells.length !== columns.length) return new RegistryError('IMPORT_INVALID', 'the row has more or fewer cells than the first row');
  const row = new Map<Column, string>();
  for (const [i, column] of columns.entries()) {
    const cell = cells[i] ?? '';
    if (cell.length > MAX_CELL)
      return new RegistryError('IMPORT_INVALID', `a cell has more than ${MAX_CELL} characters`, { field: column, limit: MAX_CELL });
    if (cell.trim() !== '') row.set(column, cell);
  }
  const publishAs = word(row, 'publish_as') ?? 'alias';
  if (publishAs !== 'alias' && publishAs !== 'name')
    return new RegistryError('IMPORT_INVALID', 'publish_as is alias or name', { field: 'publish_as' });
  return {
    identity: {
      names: list(row, 'name', ';'),
      ...text(row, 'birth_date', 'birthDate'),
      ...text(row, 'sex', 'sex'),
      ...text(row, 'birthplace', 'birthplace'),
    },
    contact: {
      ...(row.has('phone') ? { phones: list(row, 'phone', ';') } : {}),
      ...(row.has('email') ? { emails: list(row, 'email', ';') } : {}),
      ...text(row, 'address', 'address'),
      ...text(row, 'workplace', 'workplace'),
    },
    statement: {
      ...text(row, 'alias', 'alias'),
      categories: list(row, 'categories', '+'),
      ...text(row, 'statement', 'text'),
      ...text(row, 'period', 'period'),
      ...(publishAs === 'name' ? { useName: true } : {}),
      // Words of a closed list; what is not in it is refused with the row.
      ...({ evidence: word(row, 'evidence') ?? 'stated', origin: word(row, 'origin') ?? 'import' } as Required<
        Pick<StatementInput, 'evidence' | 'origin'>
      >),
    },
    // Nobody is there to be given a phrase.
    claim: 'none',
    ...(row.has('channel') ? { channel: word(row, 'channel') as string } : {}),
    ...(row.has('group') ? { group: (row.get('group') as string).trim() } : {}),
  };
}

function text<Key extends string>(row: ReadonlyMap<Column, string>, column: Column, key: Key): { [K in Key]?: string } {
  const value = row.get(column);
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}

function word(row: ReadonlyMap<Column, string>, column: Column): string | undefined {
  return row.get(column)?.trim().toLowerCase();
}

function list(row: ReadonlyMap<Column, string>, column: Column, separator: string): string[] {
  const parts = (row.get(column) ?? '').split(separator).map((part) => part.trim());
  return parts.filter((part) => part !== '');
}
