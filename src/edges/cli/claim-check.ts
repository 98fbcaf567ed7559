import { RegistryError } from '../../index.js';
import { type Claim, heldEntry, type OwnStatement } from '../../person.js';
import { verifyEntry } from '../../verify.js';
import { type Arguments, usageError } from './arguments.js';
import { entryById } from './entry-by-id.js';
import { absence, type EntryVerdict, latestDate, printVerdict } from './entry-verdict.js';
import { nativeSha256 } from './export-source.js';
import { parseJson } from './read-input.js';
import type { Shell } from './shell.js';
import { exportToCheck, withSteadyExport, withVerdict } from './verdict.js';

/** A phrase's claim, and what else stood on standard input. */
export interface ClaimAndStatement {
  readonly claim: Claim;
  readonly rest: string;
}

/**
 * The holder's check: what the phrase leads to gives the keys, the holder says what was stated, and the export is judged by the log's key.
 * Nothing that the registry says of the entry is believed. `find` is called when all options were found right.
 */
export async function checkClaim(args: Arguments, shell: Shell, find: () => Promise<ClaimAndStatement>): Promise<number> {
  return withVerdict(args, shell, async () => {
    const sealed = args.day('sealed');
    if (sealed === undefined) throw usageError('--sealed is missing: the day of the registration');
    const { reader, trust } = await exportToCheck(args.need('check'), '--check', args, shell);
    const { claim, rest } = await find();
    const held = rest.trim() === '' ? undefined : heldEntry(claim, { ...statementOf(rest), sealed });
    const { entryId } = claim;
    const verdict = await withSteadyExport(reader, async (steady): Promise<EntryVerdict> => {
      const latest = await latestDate(steady, sealed);
      if (held === undefined) return entryById(steady, trust, { entryId, latest }, args, shell);
      const { checkpoint: _, ...found } = await verifyEntry(steady, trust, { ...held, latest }, { sha256: nativeSha256 });
      const status = found.status === 'waiting' ? absence(latest, found.asOf, shell) : found.status;
      return { ...found, status, entryId, latest, byId: false };
    });
    return printVerdict(verdict, args.flag('json'), shell);
  });
}

/** As of a registration: whoever gives the whole of one is to be told so. */
const MAX_DEPTH = 16;
const MEMBERS = ['alias', 'name', 'categories', 'text', 'evidence', 'period'];

/** `{"alias": "…" | "name": "…", "categories": ["…"], "text": "…", "evidence": "…", "period": "…"}`, as it was registered. Throws `STATEMENT_INVALID`. */
function statementOf(text: string): Omit<OwnStatement, 'sealed'> {
  const parsed = parseJson(text, MAX_DEPTH);
  if (typeof parsed !== 'object' || parsed === null) throw invalid('statement');
  const members = parsed as Readonly<Record<string, unknown>>;
  if (Array.isArray(parsed) || Object.keys(members).some((member) => !MEMBERS.includes(member)))
    throw new RegistryError(
      'STATEMENT_INVALID',
      'after the phrase comes what was stated and nothing else: alias or name, categories, text, evidence, period. Of a registration give only the part under "statement"',
      { field: 'statement' },
    );
  const word = (member: string): string | undefined => {
    const value = members[member];
    if (value !== undefined && typeof value !== 'string') throw invalid(`statement.${member}`);
    return value;
  };
  const { categories } = members;
  if (!Array.isArray(categories) || !categories.every((id): id is string => typeof id === 'string')) throw invalid('statement.categories');
  const [alias, name] = [word('alias'), word('name')];
  const shown = alias ?? name;
  if (shown === undefined || (alias !== undefined && name !== undefined)) throw invalid('statement.alias');
  const evidence = EVIDENCES.find((each) => each === (word('evidence') ?? 'stated'));
  if (evidence === undefined) throw invalid('statement.evidence');
  return {
    name: shown,
    display: name === undefined ? 'alias' : 'name',
    categories,
    text: word('text'),
    evidence,
    period: word('period'),
  };
}

const EVIDENCES = ['stated', 'contact', 'verified'] as const;

function invalid(field: string): RegistryError {
  return new RegistryError('STATEMENT_INVALID', `${field} is missing or of the wrong kind`, { field });
}
