import { RegistryError } from '../foundation/errors.js';
import { containsAny, containsDigitRun } from '../public/leak-check.js';
import type { Statement } from '../public/statement.js';
import type { Contact } from '../sealed/contact.js';
import type { Identity } from '../sealed/identity.js';

/** Han names give themselves away in two characters; shorter words of an alphabet occur inside other words. */
const LEAST_LETTERS = 4;
const LEAST_HAN = 2;
const LEAST_HAN_OF_A_PLACE = 3;

/**
 * Nothing sealed may slip into what will be published: the real name not into an alias or its text, and contact data into no entry, least
 * of all one that shows the real name. Checked on the device, the one place that knows both. It stops slips, not somebody who wants to
 * tell; look-alike spellings are a later check (README, status).
 * Throws `STATEMENT_LEAKS_NAME` or `STATEMENT_LEAKS_CONTACT`.
 */
export function assertNoLeak(statement: Statement, identity: Identity, contact: Contact): void {
  const { name, display, text = '' } = statement;
  if (display === 'alias') {
    if (containsAny(name, identity.names)) throw leak('STATEMENT_LEAKS_NAME', 'statement.alias');
    if (
      containsAny(
        text,
        identity.names.filter((needle) => isTelling(needle, LEAST_HAN)),
      )
    )
      throw leak('STATEMENT_LEAKS_NAME', 'statement.text');
    if (containsDigitRun(`${name} | ${text}`, identity.birthDate === undefined ? [] : [identity.birthDate]))
      throw leak('STATEMENT_LEAKS_NAME', 'statement.text');
  }
  const places = [
    contact.address,
    contact.workplace,
    ...(contact.emails ?? []).flatMap((email) => [email, email.slice(0, email.indexOf('@'))]),
  ];
  const needles = places.filter((place) => place !== undefined).filter((place) => isTelling(place, LEAST_HAN_OF_A_PLACE));
  for (const [field, published] of [
    ['statement.alias', display === 'alias' ? name : ''],
    ['statement.text', text],
  ] as const) {
    if (containsAny(published, needles) || containsDigitRun(published, contact.phones ?? [])) throw leak('STATEMENT_LEAKS_CONTACT', field);
  }
}

function isTelling(needle: string, leastHan: number): boolean {
  const letters = [...needle.replace(/[^\p{L}\p{N}]/gu, '')].length;
  return letters >= (/\p{Script=Han}/u.test(needle) ? leastHan : LEAST_LETTERS);
}

function leak(code: 'STATEMENT_LEAKS_NAME' | 'STATEMENT_LEAKS_CONTACT', field: string): RegistryError {
  const what = code === 'STATEMENT_LEAKS_NAME' ? 'the real name or birth date' : 'contact data';
  return new RegistryError(code, `what will be published holds ${what} that stays sealed`, { field });
}
