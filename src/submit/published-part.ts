import { toHex } from '../foundation/bytes.js';
import { type Clock, today } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import { normaliseAlias, normaliseShownName } from '../public/alias.js';
import { normaliseStatement, type Statement } from '../public/statement.js';
import { suggestAliases } from '../public/suggest-aliases.js';
import type { Contact } from '../sealed/contact.js';
import type { Identity } from '../sealed/identity.js';
import { type Category, categorySet } from '../vocabulary/categories.js';
import { periodOfDay } from '../vocabulary/period.js';
import { assertNoLeak } from './leak.js';
import type { StatementInput } from './registration.js';

/**
 * The part of a registration that will be published, made where the name is known, because only there can it be checked that
 * nothing sealed slips into it.
 *
 * A real name is shown only with evidence `contact` or `verified`: nobody publishes a third party by a hostile call. Otherwise the alias is.
 * Throws `STATEMENT_INVALID`, `STATEMENT_TOO_LARGE`, `CATEGORY_UNKNOWN`, `ALIAS_INVALID`, `STATEMENT_LEAKS_NAME`, `STATEMENT_LEAKS_CONTACT`.
 */
export function publishedPart(
  input: StatementInput,
  sealedPart: { readonly identity: Identity; readonly contact: Contact },
  context: {
    readonly categories: readonly Category[];
    readonly entryPublicKey: Uint8Array;
    readonly clock: Clock;
    readonly random: Random;
  },
): Statement {
  assertShape(input);
  const evidence = input.evidence ?? 'stated';
  const shown = shownName(input, sealedPart.identity, evidence !== 'stated', context.random);
  const statement = normaliseStatement({
    ...shown,
    categories: categorySet(input.categories, context.categories),
    text: input.text,
    evidence,
    origin: input.origin ?? 'live',
    period: input.period ?? periodOfDay(today(context.clock)),
    entryKey: toHex(context.entryPublicKey),
  });
  assertNoLeak(statement, sealedPart.identity, sealedPart.contact);
  return statement;
}

function shownName(input: StatementInput, identity: Identity, evident: boolean, random: Random): Pick<Statement, 'name' | 'display'> {
  const [realName] = identity.names;
  if (input.useName === true && evident && realName !== undefined) return { name: normaliseShownName(realName), display: 'name' };
  if (input.alias !== undefined) return { name: normaliseAlias(input.alias), display: 'alias' };
  const [suggestion] = suggestAliases(1, { random, avoid: identity.names });
  if (suggestion === undefined)
    throw new RegistryError('ALIAS_INVALID', 'no alias given and none to suggest', { field: 'statement.alias' });
  return { name: suggestion.alias, display: 'alias' };
}

const MEMBERS = ['alias', 'useName', 'categories', 'text', 'evidence', 'origin', 'period'];

/** Types and unknown members first, so that no rule below meets a value of another shape. */
function assertShape(input: StatementInput): void {
  const fail = (field: string): never => {
    throw new RegistryError('STATEMENT_INVALID', `${field} is missing or of the wrong kind`, { field });
  };
  if (typeof input !== 'object' || input === null) fail('statement');
  if (Object.keys(input).some((member) => !MEMBERS.includes(member))) fail('statement');
  if (input.useName !== undefined && typeof input.useName !== 'boolean') fail('statement.useName');
  if (!Array.isArray(input.categories) || !input.categories.every((id) => typeof id === 'string')) fail('statement.categories');
  for (const member of ['alias', 'text', 'evidence', 'origin', 'period'] as const) {
    if (input[member] !== undefined && typeof input[member] !== 'string') fail(`statement.${member}`);
  }
}
