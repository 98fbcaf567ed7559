import type { ZodType } from 'zod';
import type { CryptoOptions } from '../foundation/backend.js';
import type { Clock } from '../foundation/clock.js';
import { RegistryError } from '../foundation/errors.js';
import { systemClock } from '../foundation/clock.js';
import { isWellFormed } from '../foundation/bytes.js';
import { systemRandom } from '../foundation/random.js';
import type { Statement } from '../public/statement.js';
import { type Contact, normaliseContact } from '../sealed/contact.js';
import { type Identity, normaliseIdentity } from '../sealed/identity.js';
import { assertPin } from '../claims/claim-key.js';
import type { ClaimRequest } from '../claims/make-claim.js';
import type { Category } from '../vocabulary/categories.js';
import { deriveKappaKeys, KAPPA_LENGTH, type KappaKeys } from './kappa-keys.js';
import { publishedPart } from './published-part.js';
import type { GroupMember, Registration, SharedFields } from './registration.js';

/** A service's own fields, by its own zod schemas. They travel sealed, under `identity.extra` and `contact.extra`. */
export interface ExtraFields {
  readonly identity?: ZodType;
  readonly contact?: ZodType;
}

export interface SubmitOptions extends CryptoOptions {
  readonly clock?: Clock;
  readonly extra?: ExtraFields;
}

/** A registration that passed every rule, in canonical form, with its fresh κ. */
export interface PreparedRegistration {
  readonly identity: Identity;
  readonly contact: Contact;
  readonly statement: Statement;
  readonly claim: ClaimRequest;
  readonly kappa: Uint8Array;
  readonly keys: KappaKeys;
}

/**
 * Checks and normalises a registration; nothing is sealed or stored. All input is canonicalised here and only here.
 * Throws the coded errors of identity, contact and statement, `REGISTRATION_INVALID` and `PIN_INVALID`.
 */
export function prepareRegistration(
  input: Registration,
  categories: readonly Category[],
  options: SubmitOptions = {},
): PreparedRegistration {
  const registration = snapshot(input);
  assertShape(registration);
  const { random = systemRandom, clock = systemClock, extra = {} } = options;
  const identity = normaliseIdentity(registration.identity, extra.identity);
  const contact = normaliseContact(registration.contact ?? {}, extra.contact);
  const kappa = random.bytes(KAPPA_LENGTH);
  const keys = deriveKappaKeys(kappa, options);
  const statement = publishedPart(
    registration.statement,
    { identity, contact },
    { categories, entryPublicKey: keys.entryPublicKey, clock, random },
  );
  return { identity, contact, statement, claim: claimRequest(registration), kappa, keys };
}

/** A phrase is read out or shown only where nobody taps: unless asked for, not on a telephone and not when the channel is unknown. */
function claimRequest({ claim, channel }: Registration): ClaimRequest {
  if (claim !== undefined) return claim;
  return channel === undefined || A_TAPPED_LINE.test(channel) ? 'none' : 'words';
}

/**
 * Every member read once: a getter or a proxy (forms are often made of them) cannot answer twice differently, nor throw an error of its own
 * past the rules. What the people of a call share is filled in. Throws `REGISTRATION_INVALID`.
 */
export function snapshot(input: GroupMember, shared: SharedFields = {}): Registration {
  try {
    const { contact, statement, ...own } = input;
    const { claim, ...rest } = { ...shared, ...own };
    const copied = over(shared.statement ?? {}, statement) as Registration['statement'];
    const { categories } = copied;
    return {
      ...rest,
      contact: over(shared.contact, contact) ?? {},
      statement: Array.isArray(categories) ? { ...copied, categories: [...categories] } : copied,
      ...(claim === undefined ? {} : { claim: typeof claim === 'object' ? { ...claim } : claim }),
    };
  } catch {
    throw new RegistryError('REGISTRATION_INVALID', 'a registration is plain data', { field: 'registration' });
  }
}

/** Field by field, own ones first. What is not an object is left to the rules. */
function over<Fields extends object>(shared: Fields | undefined, own: Fields | undefined): Fields | undefined {
  return shared === undefined || (own !== undefined && typeof own !== 'object') ? own : { ...shared, ...own };
}

const MEMBERS = ['identity', 'contact', 'statement', 'channel', 'claim', 'group'];
const CHANNEL = /^[\p{L}\p{N} _-]{1,32}$/u;
const A_TAPPED_LINE = /phone|call|电话|電話/iu;
const LANGUAGES = ['en', 'zh-Hans', 'zh-Hant'];

function assertShape(registration: Registration): void {
  const fail = (field: string): never => {
    throw new RegistryError('REGISTRATION_INVALID', `${field} is of the wrong kind`, { field });
  };
  if (typeof registration !== 'object' || registration === null) fail('registration');
  if (Object.keys(registration).some((member) => !MEMBERS.includes(member))) fail('registration');
  const { channel, claim, group } = registration;
  if (channel !== undefined && (typeof channel !== 'string' || !CHANNEL.test(channel))) fail('channel');
  if (group !== undefined && (typeof group !== 'string' || group.length > 256 || !isWellFormed(group))) fail('group');
  if (claim === undefined || claim === 'none' || claim === 'words') return;
  if (typeof claim !== 'object' || claim === null || Object.keys(claim).some((member) => member !== 'pin' && member !== 'language'))
    fail('claim');
  if (claim.language !== undefined && !LANGUAGES.includes(claim.language)) fail('claim.language');
  if (claim.pin !== undefined) assertPin(claim.pin);
}
