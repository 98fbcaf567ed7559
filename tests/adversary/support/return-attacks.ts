import type { Registry } from '../../../src/index.js';
import type * as Intake from '../../../src/intake.js';
import type * as Person from '../../../src/person.js';
import { registrationOf } from './build.js';
import type { ErrorWatch } from './error-watch.js';
import { CANARIES, type HostileValue, quiet } from './hostile.js';

/** Canaries given to what people who come back use. */
type Values = () => readonly HostileValue[];

/** A valid phrase of nobody. */
const PHRASE = `${'abandon '.repeat(11)}about`;

export async function attackReturns(watch: ErrorWatch, registry: Registry, { entryId, recordId }: Person.Claim, values: Values) {
  for (const [shape, value] of quiet(values())) {
    const bad = value as never;
    const calls: Record<string, () => unknown> = {
      lookUp: () => registry.lookUp(bad),
      apply: () => registry.apply(bad),
      entryStatus: () => registry.entryStatus(bad),
      recordStatus: () => registry.recordStatus(bad),
      'recordStatus of a text': () => registry.recordStatus(`${recordId}${CANARIES[1]}`),
      eraseRecord: () => registry.eraseRecord(bad),
      'changeEntry id': () => registry.changeEntry(bad, { retract: true }),
      changeEntry: () => registry.changeEntry(entryId, bad),
      'registerGroup shared': () => registry.registerGroup([registrationOf(2, { categories: [] })], { shared: bad }),
    };
    for (const member of ['text', 'name', 'evidence', 'retract', 'removeContent', 'veto', CANARIES[0]])
      if (typeof value !== 'string' || member !== 'text')
        calls[member === CANARIES[0] ? 'changeEntry <canary>' : `changeEntry ${member}`] = () =>
          registry.changeEntry(entryId, { [member]: bad } as never);
    for (const [name, call] of Object.entries(calls)) await watch.attempt(`${name} = ${shape}`, call);
  }
}

export interface Returning {
  readonly person: typeof Person;
  readonly makeGroup: typeof Intake.makeGroup;
  readonly claim: Person.Claim;
  readonly keys: Intake.PublicKeys;
  readonly options: Intake.MakeGroupOptions;
  readonly lookUp: Person.LookUp;
}

export async function attackPerson(watch: ErrorWatch, { person, makeGroup, claim, keys, options, lookUp }: Returning, values: Values) {
  const { findClaim, makeRequest, readReply } = person;
  const place = { operation: 'retract', number: 0, attempt: 0 } as const;
  for (const [shape, value] of quiet(values())) {
    const bad = value as never;
    const calls: Record<string, () => unknown> = {
      'findClaim phrase': () => findClaim(bad, lookUp),
      'findClaim answer': () => findClaim(PHRASE, async () => bad),
      'findClaim lookUp': () => findClaim(PHRASE, bad),
      'makeRequest wish': () => makeRequest(claim, bad, keys, options),
      'makeRequest operation': () => makeRequest(claim, { operation: bad }, keys, options),
      'makeRequest text': () => makeRequest(claim, { operation: 'amend', number: bad, text: bad }, keys, options),
      'makeRequest name': () => makeRequest(claim, { operation: 'show-name', number: 1, name: bad }, keys, options),
      'makeRequest claim': () => makeRequest(bad, { operation: 'retract' }, keys, options),
      'makeRequest keys': () => makeRequest(claim, { operation: 'retract' }, bad, options),
      'readReply claim': () => readReply(bad, place, lookUp),
      'readReply place': () => readReply(claim, bad, lookUp),
      'readReply answer': () => readReply(claim, place, async () => bad),
      makeGroup: () => makeGroup(bad, keys, options),
      'makeGroup member': () => makeGroup([bad], keys, options),
    };
    // Calling a class as a function, the engine names it: a name of the caller's program, no input.
    if (shape === 'class') delete calls['findClaim lookUp'];
    for (const [name, call] of Object.entries(calls)) await watch.attempt(`${name} = ${shape}`, call);
  }
}
