import { appendFileSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePolicy, type Registration } from '../../src/index.js';
import { buildTarget, registrationOf, type Target } from './support/build.js';
import { Canaries, type Canary, type Found, summary } from './support/canaries.js';
import { Output } from './support/output.js';
import { personOf, scriptOf } from './support/people.js';
import { printFound, printFoundControl } from './support/report.js';
import { filesBelow, namesBelow } from './support/scan.js';

/**
 * S8, P9 and the bug "plaintext and pseudonym in one table": with known truth, every file of the directory is searched for every sealed
 * datum in every disguise, at every stage: waiting, sorted, published on several days, maintained, closed.
 */
const STREAMED = 5000;
const SINGLE = 60;

/** Every fortieth asks for the real name with evidence and gets it; every forty-first without, and must stay an alias. */
const showsName = (i: number): boolean => i % 40 === 0;
const asksInVain = (i: number): boolean => i % 41 === 0 && !showsName(i);

const canaries = new Canaries();
const output = new Output();
const phrases: string[] = [];
let target: Target;
const images: string[] = [];

function registration(i: number): Registration {
  const real = showsName(i) ? { useName: true, evidence: 'contact' as const } : asksInVain(i) ? { useName: true } : {};
  const alias = ['jin fu', '金福', 'wan shun'][i % 3] as string;
  return {
    ...registrationOf(i, { alias, categories: i % 3 === 0 ? ['league', 'party'] : ['party'], ...real }),
    channel: 'web',
    group: `call of ${personOf(i).phone}`,
  };
}

/** What may be found: the first name of those who chose it with evidence, in the public store only. */
function isChosen({ person, kind, file }: Found): boolean {
  return kind === 'name' && showsName(person) && /^public\/public\.db(-wal)?$/u.test(file);
}

const leakedIn = (directory: string): Found[] => canaries.search(directory).filter((found) => !isChosen(found));

/** Names of all files and folders, and all that was said. */
const leakedBy = (said: Output, directories: readonly string[]): Found[] =>
  canaries.find('output', Buffer.concat([Buffer.from(directories.flatMap(namesBelow).join('\n')), said.bytes()]));

beforeAll(async () => {
  for (let i = 0; i < STREAMED + SINGLE; i++) canaries.plantPerson(i);
  target = await buildTarget(makePolicy('standard', ['party', 'league']), { logger: output.logger });
  await output.during(async () => {
    const { registry, clock } = target;
    for (let i = STREAMED; i < STREAMED + SINGLE; i++) {
      const claim =
        ([{ pin: `9${personOf(i).phone.slice(5)}` }, 'words', { language: 'zh-Hans' }, { language: 'zh-Hant' }] as const)[i % 4] ?? 'words';
      const made = await registry.register({ ...registration(i), group: undefined, claim } as unknown as Registration);
      phrases.push(made.claim?.reveal() ?? '');
      output.answer(made);
    }
    async function* people() {
      for (let i = 0; i < STREAMED; i++) yield registration(i);
    }
    for await (const progress of registry.registerMany(people(), { source: new Uint8Array(32).fill(7) })) output.answer(progress);
    images.push(target.image('waiting'));
    for (let day = 0; day < 10; day++) {
      output.answer(await registry.publish());
      if (day === 0) images.push(target.image('sorted'));
      output.answer(await registry.maintain());
      clock.advanceDays(1);
    }
    output.answer(await registry.health());
    output.answer(await registry.counts());
    images.push(target.image('published'));
    await registry.close();
    images.push(target.image('closed'));
  });
  for (const [i, phrase] of phrases.entries()) canaries.plant(STREAMED + i, 'phrase', phrase);
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
    const shown = canaries.search(last).filter((found) => found.kind === 'name' && found.encoding === 'utf8');
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
    const leaked = leakedIn(directory);
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    printFound(
      `canaries, ${stage}: ${files.length} files, ${(bytes / 1e6).toFixed(0)} MB, ${canaries.all.length} needles`,
      leaked.length,
      0,
    );
    expect(summary(leaked)).toEqual([]);
  });

  it('nothing in file names, console output, logger, results or inspected objects', () => {
    const leaked = leakedBy(output, images);
    printFound(`canaries in ${output.pieces} pieces of output`, leaked.length, 0);
    expect(output.bytes().toString()).toMatch(/^sorted /mu);
    expect(summary(leaked)).toEqual([]);
  });
});

describe('control', () => {
  it('one canary of each kind and encoding, planted in a copy, is found; a name only where it was not chosen', () => {
    const copy = join(target.root, 'planted');
    cpSync(images.at(-1) as string, copy, { recursive: true });
    const places = filesBelow(copy).map(({ name }) => name);
    const plantIn = (file: string, i: number): void =>
      appendFileSync(join(copy, file), Buffer.concat([Buffer.from([0xff]), canaries.bytesOf(i), Buffer.from([0])]));
    const wanted: string[] = [];
    const say = ({ person, kind, encoding }: Canary): string => `${person} ${kind} ${encoding}`;
    const victims = [1, 2, 3, STREAMED + 1];
    const plain = (person: number, kind: string): number =>
      canaries.all.findIndex((canary) => canary.person === person && canary.kind === kind && canary.encoding === 'utf8');
    const misplaced = [
      ['sealed/vault.db', plain(40, 'name')],
      ['public/public.db', plain(40, 'second name')],
      ['public/public.db', plain(41, 'name')],
    ] as const;
    for (const [i, canary] of canaries.all.entries())
      if (victims.includes(canary.person)) {
        wanted.push(say(canary));
        plantIn(places[i % places.length] as string, i);
      }
    for (const [file, i] of misplaced) {
      wanted.push(say(canaries.all[i] as Canary));
      plantIn(file, i);
    }
    const found = new Set(leakedIn(copy).map(say));
    const missed = wanted.filter((name) => !found.has(name));
    printFoundControl(`canaries planted in a copy, of ${wanted.length}`, wanted.length - missed.length);
    expect(new Set(canaries.all.map(({ encoding }) => encoding)).size).toBeGreaterThan(25);
    expect(missed).toEqual([]);
    expect(wanted.length).toBeGreaterThan(400);
  });

  it('a birth date in digits is chance inside an id only', () => {
    const date = Buffer.from(personOf(7).birthDate.replaceAll('-', ''));
    const surrounded = (by: string): number => canaries.find('x', Buffer.from(`${by}${date.toString()}${by}`)).length;
    expect([surrounded('0f'.repeat(12)), surrounded('0f'), surrounded(' '), surrounded('xyz')].map((found) => found > 0)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('a careless library is caught, whichever way it says something', async () => {
    const ways: readonly ((text: string, said: Output) => void)[] = [
      (text) => process.stdout.write(text),
      (text) => process.stderr.write(Buffer.from(text, 'utf16le')),
      (text) => console.log(text),
      (text) => console.error({ text }),
      (text) => console.table([{ text }]),
      (text) => process.emitWarning(text),
      (text, said) => said.logger.debug('accepted', { count: text as never }),
      (text, said) => said.logger.error('conflict', { a: { b: { c: { d: { e: text } } } } } as never),
      (text, said) => said.answer({ rejected: [...Array.from({ length: 200 }, () => 0), text] }),
      (text, said) => said.answer({ note: `${'x'.repeat(20_000)}${text}` }),
      (text, said) => said.answer(Object.defineProperty({}, 'hidden', { value: text, enumerable: false })),
      (text, said) => said.answer({ bytes: new TextEncoder().encode(text) }),
      (text, said) => said.answer({ bytes: Buffer.from(text) }),
      (text, said) => said.answer(new Map([[text, 1]])),
      (text, said) => said.answer(new Error('no', { cause: text })),
    ];
    const said = new Output();
    await said.during(async () => {
      for (const [i, say] of ways.entries()) say(personOf(i).address, said);
    });
    const folder = mkdtempSync(join(target.root, 'named-'));
    writeFileSync(join(folder, `${personOf(ways.length).phone}.tmp`), '');
    mkdirSync(join(folder, personOf(ways.length + 1).names[0] as string));
    const people = [...new Set(leakedBy(said, [folder]).map(({ person }) => person))].sort((a, b) => a - b);
    printFoundControl(`canaries in the output of a careless library, of ${ways.length + 2} ways`, people.length);
    expect(people).toEqual(Array.from({ length: ways.length + 2 }, (_, i) => i));
  });
});
