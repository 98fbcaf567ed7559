import { inspect } from 'node:util';
import { encodingsOf } from './encodings.js';
import { PatternSet } from './scan.js';
import { asPrinted } from './sinks.js';

/** Texts that no error may ever hold, and the shapes in which a careless or hostile caller hands them over. */
export const CANARIES = ['王秘密金丝雀', 'Kanarienvogel', '13912345678', 'geheim@canary.example'] as const;
const [HAN, LATIN, PHONE, MAIL] = CANARIES;

export type HostileValue = readonly [shape: string, value: unknown];

/** Fresh every time: some of them are spoilt by use. */
export function hostileValues(): readonly HostileValue[] {
  const thrower = (): never => {
    throw new Error(`${HAN} ${LATIN} ${PHONE}`);
  };
  const getters = Object.defineProperty({}, 'names', { get: thrower, enumerable: true });
  const everyGetter = new Proxy(
    {},
    { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower, getOwnPropertyDescriptor: thrower },
  );
  let deep: unknown = HAN;
  for (let i = 0; i < 5000; i++) deep = [deep];
  const circular: Record<string, unknown> = { [LATIN]: HAN };
  circular['self'] = circular;
  return [
    ['text', HAN],
    ['mail', MAIL],
    ['phone', PHONE],
    ['list', [HAN, LATIN, PHONE]],
    ['object with the value as key', { [HAN]: LATIN, [LATIN]: HAN }],
    ['object in an object', { names: { [HAN]: [LATIN] } }],
    ['a megabyte', `${HAN}${LATIN}`.repeat(50_000)],
    ['lone surrogate', `${HAN}\ud800${LATIN}`],
    ['lone surrogate in a list', [`${LATIN}\udfff`]],
    ['controls and bidi', `${HAN}\u0000\u202e${LATIN}\r\n${PHONE}`],
    ['prototype', JSON.parse(`{"__proto__":{"${LATIN}":"${HAN}"},"constructor":{"prototype":"${HAN}"}}`)],
    ['getter that throws', getters],
    ['proxy that throws', everyGetter],
    ['toString that throws', { toString: thrower, toJSON: thrower, valueOf: thrower, [Symbol.toPrimitive]: thrower }],
    ['iterator that throws', { [Symbol.iterator]: thrower, [Symbol.asyncIterator]: thrower, length: 3 }],
    ['symbol', Symbol(HAN)],
    ['function', Object.assign(() => HAN, { [LATIN]: HAN })],
    [
      'class',
      class Kanarienvogel {
        readonly name = HAN;
      },
    ],
    ['map', new Map([[HAN, LATIN]])],
    ['error', new Error(HAN)],
    ['bytes', new TextEncoder().encode(HAN + LATIN)],
    ['deep', deep],
    ['circular', circular],
    ['bigint', 13_912_345_678n],
    ['number', 13_912_345_678],
    ['not a number', Number.NaN],
    ['null', null],
    ['nothing', undefined],
  ];
}

/** What throws when it is looked at throws the caller's own error; without those. */
export function quiet(values: readonly HostileValue[]): readonly HostileValue[] {
  return values.filter(([shape]) => !/throws/u.test(shape));
}

/** Everything of an error that a log, a crash report or a debugger prints. */
export function printed(error: unknown): string {
  const parts = [
    () => String(error),
    () => inspect(error, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    () => JSON.stringify(error),
  ];
  if (typeof error === 'object' && error !== null) {
    const { message, stack, details, cause } = error as { message?: unknown; stack?: unknown; details?: unknown; cause?: unknown };
    parts.push(
      () => String(message),
      () => String(stack),
      () => JSON.stringify(details),
      () => inspect(cause, { depth: 10, showHidden: true }),
      () => Reflect.ownKeys(error).map(String).join(' '),
    );
  }
  return parts
    .map((part) => {
      try {
        return part();
      } catch {
        return '';
      }
    })
    .join('\n');
}

const disguises = new PatternSet();
const owners: string[] = [];
for (const canary of CANARIES) for (const { bytes } of encodingsOf(canary)) owners[disguises.add(bytes)] = canary;

/** Canaries in a text, in every disguise; and in parts of eight characters or three Han, so that a shortened quotation counts. */
export function canariesIn(text: string): string[] {
  const disguised = new Set(disguises.scan(asPrinted(Buffer.from(text))).map(({ pattern }) => owners[pattern]));
  return CANARIES.filter((canary) => {
    if (disguised.has(canary)) return true;
    const least = /\p{Script=Han}/u.test(canary) ? 3 : 8;
    for (let at = 0; at + least <= canary.length; at++) if (text.includes(canary.slice(at, at + least))) return true;
    return false;
  });
}
