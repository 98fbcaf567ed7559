import { type Contact, type Identity, type Registration, type StatementInput, suggestAliases } from '../../../index.js';
import type { Dice, Weighted } from './dice.js';
import type { PeopleSource, Place } from './people-source.js';

/** The organisations of the demo: nothing but configured categories to the library. */
export const CATEGORIES = [
  { id: 'party', label: 'Party' },
  { id: 'league', label: 'Youth League' },
  { id: 'pioneers', label: 'Young Pioneers' },
];

/** Per cent of the people who leave exactly these. Most were in the two youth organisations, and the party comes after them. */
export const MIX: Weighted<readonly string[]> = [
  [['league', 'pioneers'], 40],
  [['pioneers'], 18],
  [['league'], 12],
  [['league', 'party', 'pioneers'], 12],
  [['party'], 8],
  [['league', 'party'], 7],
  [['party', 'pioneers'], 3],
];

const EVIDENCE = [
  ['stated', 62],
  ['contact', 30],
  ['verified', 8],
] as const;
const DECLARED = [
  ['self', 94],
  ['relayed', 6],
] as const;
const ROADS = ['人民', '解放', '建设', '和平', '胜利', '文化', '新华', '中山'];
const WORKPLACES = ['机械厂', '纺织厂', '第一中学', '第二小学', '运输公司', '粮食局', '邮电局', '水泥厂'];
const OTHER_ALIASES = ['Morning Star', 'Quiet River', 'New Day', 'Old Zhou', '山中客', '向阳人', '自由鸟', '一老兵', 'Тихая Река', 'Aygul'];
const TEXTS = [
  'I joined as a child without knowing what it was. I take it back.',
  'From today I have nothing more to do with it.',
  'I want to live with a clear conscience.',
  '从今天起我与它无关。',
  '当年年纪小不懂事，现在郑重声明作废。',
  '愿家人平安。',
];

export interface PeopleOptions {
  readonly origin: 'live' | 'import';
  /** Months of imported statements, first and last year. */
  readonly years?: readonly [first: number, last: number];
  /** Tells the calls of one stream from those of another. */
  readonly calls?: string;
}

/** Most calls bring one person, some a couple, a family or friends. */
const CALL_SIZES = [
  [1, 78],
  [2, 12],
  [3, 5],
  [4, 3],
  [5, 2],
] as const;

/** `count` invented registrations; the same for the same source, seed and options. */
export function* inventPeople(count: number, source: PeopleSource, dice: Dice, options: PeopleOptions): Generator<Registration> {
  let call = 0;
  let left = 0;
  let together = false;
  for (let i = 0; i < count; i++) {
    if (left === 0) {
      left = dice.weighted(CALL_SIZES);
      together = left > 1;
      call++;
    }
    left--;
    yield { ...inventPerson(source, dice, options), ...(together ? { group: `${options.calls ?? 'call'}-${call}` } : {}) };
  }
}

export function inventPerson(source: PeopleSource, dice: Dice, options: PeopleOptions): Registration {
  const place = dice.pick(source.places);
  const identity = inventIdentity(source, dice, place);
  return { identity, contact: inventContact(dice, place), statement: inventStatement(dice, identity, options), channel: 'phone' };
}

export function inventIdentity(source: PeopleSource, dice: Dice, place: Place): Identity {
  const birthDate = [dice.between(1935, 2008), dice.between(1, 12), dice.between(1, 28)]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return {
    names: [dice.pick(source.surnames) + dice.pick(source.givenNames)],
    birthDate,
    sex: dice.chance(49) ? 'female' : 'male',
    birthplace: place.province + place.city + place.area,
    declared: dice.weighted(DECLARED),
  };
}

export function inventContact(dice: Dice, place: Place): Contact {
  const road = `${dice.pick(ROADS)}路${dice.between(1, 300)}号`;
  return {
    // No mobile number begins with 102: nobody can be called by accident.
    phones: [`+86 102${String(dice.below(100_000_000)).padStart(8, '0')}`],
    address: place.province + place.city + place.area + road,
    ...(dice.chance(60) ? { workplace: place.area + dice.pick(WORKPLACES) } : {}),
    mayContact: dice.chance(70),
    ...(dice.chance(25) ? { ifCaught: { disclose: true, to: ['relatives abroad', 'press'] } } : {}),
  };
}

function inventStatement(dice: Dice, identity: Identity, { origin, years = [2005, 2024] }: PeopleOptions): StatementInput {
  const evidence = dice.weighted(EVIDENCE);
  const text = dice.chance(15) ? dice.pick(TEXTS) : undefined;
  const month = `${dice.between(...years)}-${String(dice.between(1, 12)).padStart(2, '0')}`;
  return {
    ...alias(dice, identity),
    categories: dice.weighted(MIX),
    evidence,
    origin,
    // A few per cent insist on their real name; among those whom nobody has reached, the alias is shown all the same.
    ...(dice.chance(evidence === 'stated' ? 1 : 6) ? { useName: true } : {}),
    ...(text === undefined || mentions(text, identity) ? {} : { text }),
    ...(origin === 'import' ? { period: month } : {}),
  };
}

/** Seven in ten let the program suggest one when it seals; the rest choose. */
function alias(dice: Dice, identity: Identity): { readonly alias?: string } {
  if (dice.chance(70)) return {};
  if (dice.chance(50)) {
    const [suggestion] = suggestAliases(1, { random: dice.asRandom(), avoid: identity.names });
    return suggestion === undefined ? {} : { alias: suggestion.hanzi };
  }
  const chosen = dice.pick(OTHER_ALIASES);
  return mentions(chosen, identity) ? {} : { alias: chosen };
}

function mentions(text: string, { names }: Identity): boolean {
  return names.some((name) => text.includes(name));
}
