import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePolicy, type Logger, type Registration } from '../../src/index.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { encodingsOf, encodingsOfDigits } from './support/encodings.js';
import { personOf, scriptOf } from './support/people.js';
import { printFound } from './support/report.js';
import { filesBelow, PatternSet } from './support/scan.js';
import { tupleHash } from './support/tuple-hash.js';

/**
 * S8, P9 and the bug "plaintext and pseudonym in one table": with known truth, every file of the directory is searched for every sealed
 * datum in every disguise, at every stage: waiting, sorted, published on several days, maintained, closed.
 */
const STREAMED = 5000;
const SINGLE = 60;
const KINDS = ['name', 'second name', 'birth date', 'birthplace', 'phone', 'mail', 'address', 'workplace', 'relatives'] as const;

interface Canary {
  readonly person: number;
  readonly kind: string;
  readonly encoding: string;
  readonly length: number;
}

/** Every fortieth asks for the real name with evidence and gets it; every forty-first without, and must stay an alias. */
const showsName = (i: number): boolean => i % 40 === 0;
const asksInVain = (i: number): boolean => i % 41 === 0 && !showsName(i);

const patterns = new PatternSet();
const canaries: Canary[] = [];
const phrases: string[] = [];
const said: string[] = [];
let target: Target;
const images: string[] = [];

function plant(person: number, kind: string, text: string, digits = false): void {
  for (const { encoding, bytes } of [...encodingsOf(text), ...(digits ? encodingsOfDigits(text) : [])]) {
    patterns.add(bytes);
    canaries.push({ person, kind, encoding, length: bytes.length });
  }
}

function plantPerson(i: number): void {
  const person = personOf(i);
  const [name = '', second = ''] = person.names;
  const values = [
    name,
    second,
    person.birthDate,
    person.birthplace,
    person.phone,
    person.email,
    person.address,
    person.workplace,
    person.relatives,
  ];
  for (const [k, kind] of KINDS.entries()) plant(i, kind, values[k] as string, kind === 'phone' || kind === 'birth date');
}

function registration(i: number): Registration {
  const real = showsName(i) ? { useName: true, evidence: 'contact' as const } : asksInVain(i) ? { useName: true } : {};
  const alias = ['jin fu', '金福', 'wan shun'][i % 3] as string;
  return {
    ...registrationOf(i, { alias, categories: i % 3 === 0 ? ['league', 'party'] : ['party'], ...real }),
    channel: 'web',
    group: `call of ${personOf(i).phone}`,
  };
}

interface Found extends Canary {
  readonly file: string;
  readonly offset: number;
  /** What stands around it, letters as a, hexadecimal ones as f, digits as 0. */
  readonly around: string;
}

function search(directory: string): Found[] {
  return filesBelow(directory).flatMap(({ name, bytes }) => find(name, bytes));
}

function find(file: string, bytes: Buffer): Found[] {
  return patterns
    .scan(bytes)
    .map(({ pattern, offset }) => ({ ...(canaries[pattern] as Canary), file, offset, around: shapeAt(bytes, offset) }))
    .filter((found) => !isChance(found, bytes));
}

/**
 * The eight bare digits of one of 5,060 birth dates stand in a megabyte of random hex about once (16^-8 for each place and date). Inside a
 * run as long as an id, a key or a hash they are chance; everywhere else they count.
 */
function isChance({ encoding, length, offset }: Found, bytes: Buffer): boolean {
  if (!encoding.startsWith('digits') || length !== 8) return false;
  const isHex = (at: number): boolean => /^[0-9a-f]$/u.test(String.fromCharCode(bytes[at] ?? 0));
  let from = offset;
  let to = offset + length;
  while (isHex(from - 1)) from--;
  while (isHex(to)) to++;
  return to - from >= 32;
}

/** What may be found: the first name of those who chose it with evidence, in the public store only. */
function isChosen({ person, kind, file }: Found): boolean {
  return kind === 'name' && showsName(person) && /^public\/public\.db(-wal)?$/u.test(file);
}

function shapeAt(bytes: Buffer, offset: number): string {
  const text = bytes.toString('latin1', Math.max(0, offset - 24), offset + 48);
  return text
    .replace(/[^ -~]/gu, '?')
    .replace(/[0-9]/gu, '0')
    .replace(/[g-z]/giu, 'a')
    .replace(/[b-f]/giu, 'f');
}

/** Where and what, without the datum. */
function summary(found: readonly Found[]): string[] {
  return [...new Set(found.map(({ file, kind, encoding, around }) => `${file}: ${kind} as ${encoding} in ${around}`))].slice(0, 20);
}

const logger: Logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, (event: string, fields: object) => said.push(`${event} ${inspect(fields)}`)]),
) as unknown as Logger;

async function captured(work: () => Promise<void>): Promise<void> {
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array) => said.push(Buffer.from(chunk as Uint8Array).toString()) > 0;
  }
  try {
    await work();
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = originals[i] as typeof stream.write;
  }
}

beforeAll(async () => {
  for (let i = 0; i < STREAMED + SINGLE; i++) plantPerson(i);
  target = await buildTarget(makePolicy('standard', ['party', 'league']), { logger });
  await captured(async () => {
    const { registry, clock } = target;
    for (let i = STREAMED; i < STREAMED + SINGLE; i++) {
      const claim =
        ([{ pin: `9${personOf(i).phone.slice(5)}` }, 'words', { language: 'zh-Hans' }, { language: 'zh-Hant' }] as const)[i % 4] ?? 'words';
      const made = await registry.register({ ...registration(i), group: undefined, claim } as unknown as Registration);
      phrases.push(made.claim?.reveal() ?? '');
      said.push(inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made));
    }
    async function* people() {
      for (let i = 0; i < STREAMED; i++) yield registration(i);
    }
    for await (const progress of registry.registerMany(people(), { source: new Uint8Array(32).fill(7) }))
      said.push(inspect(progress, { depth: 9 }));
    images.push(target.image('waiting'));
    for (let day = 0; day < 10; day++) {
      said.push(inspect(await registry.publish(), { depth: 9 }));
      if (day === 0) images.push(target.image('sorted'));
      said.push(inspect(await registry.maintain(), { depth: 9 }));
      clock.advanceDays(1);
    }
    said.push(inspect(await registry.health(), { depth: 9 }), inspect(await registry.counts(), { depth: 9 }));
    images.push(target.image('published'));
    await registry.close();
    images.push(target.image('closed'));
  });
  for (const [i, phrase] of phrases.entries()) plant(STREAMED + i, 'phrase', phrase);
}, 900_000);
afterAll(async () => target.destroy());

describe('no sealed datum lies in any file', () => {
  it('the truth is a truth: all distinct, everything published, names shown to those who chose them', async () => {
    const people = Array.from({ length: STREAMED + SINGLE }, (_, i) => personOf(i));
    for (const field of ['birthDate', 'birthplace', 'phone', 'email', 'address', 'workplace', 'relatives'] as const)
      expect(new Set(people.map((person) => person[field])).size).toBe(people.length);
    expect(new Set(people.flatMap(({ names }) => names)).size).toBe(2 * people.length);
    expect(new Set(people.map((_, i) => scriptOf(i))).size).toBe(3);
    expect(phrases.filter((phrase) => phrase.length >= 12)).toHaveLength(SINGLE);
    const last = images.at(-1) as string;
    const shown = search(last).filter((found) => found.kind === 'name' && found.encoding === 'utf8');
    expect(new Set(shown.map(({ person }) => person)).size).toBe(Math.ceil((STREAMED + SINGLE) / 40));
  });

  it.each([
    ['waiting in the inbox', 0],
    ['sorted, first batch out', 1],
    ['published over ten days', 2],
    ['closed', 3],
  ])('%s', (stage, image) => {
    const directory = images[image] as string;
    const files = filesBelow(directory);
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sealed/inbox.db', 'sealed/vault.db', 'public/public.db', 'keys/registry.json']),
    );
    const leaked = search(directory).filter((found) => !isChosen(found));
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    printFound(`canaries, ${stage}: ${files.length} files, ${(bytes / 1e6).toFixed(0)} MB, ${patterns.size} needles`, leaked.length, 0);
    expect(summary(leaked)).toEqual([]);
  });

  it('nothing in file names, console output, logger, results or inspected objects', () => {
    const names = images.flatMap((image) => filesBelow(image).map(({ name }) => name)).join('\n');
    expect(said.some((line) => line.startsWith('sorted'))).toBe(true);
    const leaked = find('output', Buffer.from(`${names}\n${said.join('\n')}`));
    printFound(`canaries in ${said.length} lines of output`, leaked.length, 0);
    expect(summary(leaked)).toEqual([]);
  });

  it('control: one canary of each kind and encoding, planted in a copy, is found', () => {
    const copy = join(target.root, 'planted');
    cpSync(images.at(-1) as string, copy, { recursive: true });
    const victims = [1, 2, 3, STREAMED + 1];
    const wanted: string[] = [];
    const places = filesBelow(copy).map(({ name }) => name);
    for (const [i, canary] of canaries.entries()) {
      if (!victims.includes(canary.person)) continue;
      wanted.push(`${canary.person} ${canary.kind} ${canary.encoding}`);
      appendFileSync(
        join(copy, places[i % places.length] as string),
        Buffer.concat([Buffer.from([0xff]), patterns.pattern(i), Buffer.from([0])]),
      );
    }
    const found = new Set(search(copy).map(({ person, kind, encoding }) => `${person} ${kind} ${encoding}`));
    const missed = wanted.filter((name) => !found.has(name));
    printFound(`control: ${wanted.length} planted, of them missed`, missed.length, 0);
    expect(new Set(canaries.map(({ encoding }) => encoding)).size).toBeGreaterThan(25);
    expect(missed).toEqual([]);
    expect(wanted.length).toBeGreaterThan(400);
  });
});

describe('the caller’s own key for a call', () => {
  it('cannot be found by trying telephone numbers against a seized inbox', async () => {
    const fresh = await buildTarget(makePolicy('tiny', ['party']));
    try {
      // A host that makes retries safe with what it has at hand.
      await fresh.registry.register(registrationOf(77), { id: personOf(77).phone });
      await fresh.registry.publish({ now: true });
      await fresh.registry.close();
      const guessed = callerIdGuesses(
        fresh.dir,
        Array.from({ length: 1000 }, (_, i) => personOf(i).phone),
      );
      printFound('enumerating caller ids against the stores without keys', guessed.length, 0);
      expect(guessed).toEqual([]);
    } finally {
      await fresh.destroy();
    }
  });
});

/** What anybody with the specification can compute: T("cryptonym/v1/submission/id", id), first 16 bytes. */
function callerIdGuesses(directory: string, candidates: readonly string[]): string[] {
  const guesses = new PatternSet();
  for (const candidate of candidates) guesses.add(tupleHash('cryptonym/v1/submission/id', candidate).subarray(0, 16));
  const files = filesBelow(directory).filter(({ name }) => !name.startsWith('keys/'));
  return [...new Set(files.flatMap(({ bytes }) => guesses.scan(bytes)).map(({ pattern }) => candidates[pattern] as string))];
}
