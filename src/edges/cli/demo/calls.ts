import { type Clock, type Registration, type Registry, type StatementInput, suggestAliases } from '../../../index.js';
import { makeSubmission } from '../../../intake.js';
import type { Dice } from './dice.js';
import type { Narrator } from './narrator.js';
import { inventContact, inventIdentity } from './people.js';
import type { PeopleSource } from './people-source.js';
import type { Totals } from './totals.js';

export interface CallsStage {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly source: PeopleSource;
  readonly totals: Totals;
  readonly narrator: Narrator;
}

/** Entries that the demo looks for on the wall later, and a sealed text that must be nowhere. */
export interface CallsResult {
  readonly shownName: { readonly entryId: string; readonly realName: string; readonly sealedTexts: readonly string[] };
  readonly hostile: { readonly entryId: string; readonly realName: string };
  readonly family: readonly string[];
  readonly people: number;
}

/** One evening at the telephones: what a service centre is called for, one call after the other. */
export async function replayCalls(stage: CallsStage): Promise<CallsResult> {
  const before = stage.totals.total;
  await suggestions(stage);
  const family = await familyOfFive(stage);
  await nineteenOfficials(stage);
  await husbandAndWife(stage);
  const shownName = await realName(stage);
  const hostile = await hostileCall(stage);
  await fromADevice(stage);
  return { shownName, hostile, family, people: stage.totals.total - before };
}

async function suggestions({ source, dice, narrator }: CallsStage): Promise<void> {
  const { identity } = person({ source, dice }, { categories: ['league'] });
  narrator.line('A registrar asks for auspicious aliases that share nothing with the caller’s real name:');
  for (const { alias, hanzi, pinyin, gloss } of suggestAliases(3, { random: dice.asRandom(), avoid: identity.names })) {
    narrator.line(`    ${alias.padEnd(14)} ${hanzi}  ${pinyin}: ${gloss}`);
  }
}

async function familyOfFive(stage: CallsStage): Promise<readonly string[]> {
  const sets = [['party', 'league', 'pioneers'], ['league', 'pioneers'], ['league', 'pioneers'], ['pioneers'], ['pioneers']];
  const entryIds = await group(
    stage,
    sets.map((categories) => person(stage, { categories })),
  );
  stage.narrator.line('A family of five in one call: five records, five entries, five delays of their own. That they belong together');
  stage.narrator.line('    is written in their sealed links and nowhere else.');
  return entryIds;
}

async function nineteenOfficials(stage: CallsStage): Promise<void> {
  const youth = [['league'], ['pioneers'], ['league', 'pioneers']];
  const officials = Array.from({ length: 19 }, (_, i) => person(stage, { categories: i < 8 ? ['party'] : (youth[i % 3] as string[]) }));
  await group(stage, officials);
  stage.narrator.line('Nineteen officials in a conference room, one call: eight leave the party, eleven the league, the pioneers or both.');
}

async function husbandAndWife(stage: CallsStage): Promise<void> {
  const husband = person(stage, { categories: ['party', 'league'] });
  const wife = person(stage, { categories: ['league', 'pioneers'] });
  await group(stage, [husband, { ...wife, identity: { ...wife.identity, declared: 'relayed' } }]);
  stage.narrator.line('A husband speaks for himself and for his wife. Hers is sealed as “relayed”: he said it, not she.');
}

async function realName(stage: CallsStage): Promise<CallsResult['shownName']> {
  const caller = { ...person(stage, { categories: ['party'], useName: true, evidence: 'contact' }), channel: 'web' };
  const contact = { ...caller.contact, workplace: `${caller.identity.birthplace}第一中学` };
  const { entryId, claim } = await stage.registry.register({ ...caller, contact });
  stage.totals.addRegistration(caller);
  const [name = ''] = caller.identity.names;
  stage.narrator.line(`One insists on the real name, ${name}, and was reached at a contact: the name will be shown.`);
  stage.narrator.line(`    Address and workplace stay sealed. The page gives a claim phrase once; in a log it prints as ${String(claim)}.`);
  return { entryId, realName: name, sealedTexts: [contact.address ?? '', contact.workplace] };
}

async function hostileCall(stage: CallsStage): Promise<CallsResult['hostile']> {
  const caller = person(stage, { categories: ['party', 'league'], useName: true, evidence: 'stated', alias: 'ping an' });
  const { entryId } = await stage.registry.register(caller);
  stage.totals.addRegistration(caller);
  const [name = ''] = caller.identity.names;
  stage.narrator.line(`A stranger calls and wants “${name}” published under that name. Nobody was reached, so the alias will be shown.`);
  return { entryId, realName: name };
}

async function fromADevice({ registry, clock, totals, narrator, ...stage }: CallsStage): Promise<void> {
  const publicKeys = await registry.publicKeys();
  const caller = person(stage, { categories: ['league', 'pioneers'] });
  const { bytes } = makeSubmission(caller, publicKeys, { clock });
  await registry.accept(bytes);
  totals.addRegistration(caller);
  narrator.line(
    `By telephone, sealed on the volunteer’s own device with public keys only: ${bytes.length.toLocaleString('en')} bytes, as everybody’s.`,
  );
  narrator.line('    The server that takes them never meets the name, and neither device nor server can open them (tried below).');
}

function person({ source, dice }: Pick<CallsStage, 'source' | 'dice'>, statement: StatementInput): Registration {
  const place = dice.pick(source.places);
  const identity = { ...inventIdentity(source, dice, place), declared: 'self' } as const;
  return { identity, contact: inventContact(dice, place), statement, channel: 'phone' };
}

async function group({ registry, totals }: CallsStage, people: readonly Registration[]): Promise<readonly string[]> {
  const { accepted } = await registry.registerGroup(people);
  for (const one of people) totals.addRegistration(one);
  return accepted.map(({ entryId }) => entryId);
}
