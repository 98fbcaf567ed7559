import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, seizedRegistry, type Truth } from './support/fixture.js';
import { copyOf, doctor, keepBeside, writeInOrder } from './support/leaky.js';
import { attackPair, judgeControl, type Pair, placeCorrelation } from './support/linkage-attacks.js';
import { printFoundControl } from './support/report.js';
import {
  BY_TIME,
  DRAINED,
  filesComeOrGone,
  idsJoined,
  openPairs,
  rowsIn,
  sharedWithPublic,
  STAGES,
  waitingPairs,
} from './support/s3-files.js';
import { type SeizedRow, seize, seizeEntries, seizeWaiting, sizesOf, tablesWithRowid } from './support/seized.js';

/** Controls of s3-files.test.ts: the same questions asked of its images, doctored as if the build had leaked. */
const SOME = 256;
const SEALED = [
  ['sealed/vault.db', 'records', 'record'],
  ['shred/shred.db', 'shreds', 'record'],
  ['claims/claims.db', 'claims', 'locator'],
] as const;
const OPEN = {
  sorted: [['public/public.db', 'pool', 'entry']],
  published: [
    ['public/public.db', 'entries', 'entry'],
    ['public/public.db', 'contents', 'entry'],
  ],
} as const;
const root = mkdtempSync(join(tmpdir(), 'adversary-s3-files-'));
let fixture: Fixture;
let people: readonly Truth[];
/** As they wait, in the order of calls. */
let waiting: SeizedRow[];
let images: Readonly<Record<'sorted' | 'published', string>>;

beforeAll(async () => {
  fixture = await seizedRegistry();
  people = fixture.truth.slice(0, SOME);
  const place = ({ columns }: SeizedRow) => columns[5] as number;
  waiting = seizeWaiting(fixture.image('waiting'))
    .filter((row) => place(row) <= SOME)
    .sort((a, b) => place(a) - place(b));
  images = { sorted: keepsOrder('sorted'), published: keepsOrder('published') };
}, 900_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The first people in the order of their calls, and in each row the id of the submission it came in. */
function keepsOrder(stage: 'sorted' | 'published'): string {
  const image = copyOf(fixture.image(stage), join(root, stage), ['sealed', 'shred', 'claims', 'public']);
  for (const [file, table, id] of [...SEALED, ...OPEN[stage]])
    doctor(join(image, file), (database) => {
      const ids = people.map((row) => row[id]);
      writeInOrder(database, table, ids);
      if (table === 'entries') database.exec('UPDATE entries SET idx = rowid');
      // In one table of a file: a string that stands in it twice is not looked for.
      if (table !== 'entries') keepBeside(database, table, new Map(ids.map((each, i) => [each, (waiting[i] as SeizedRow).id])));
      database.exec('VACUUM');
    });
  return image;
}

const missed = (stage: string, pairs: readonly Pair[], kinds: readonly string[]): string[] =>
  pairs.flatMap((pair) => {
    expect(pair.truth).toHaveLength(SOME);
    return judgeControl(`S3 kept order, ${stage}, ${pair.name}:`, attackPair(pair), SOME, kinds);
  });

describe('a build that keeps the order of calls, and the id of the submission in each row', () => {
  it.each(STAGES)('%s', (name, stage, rows) => {
    const open = rows(images[stage]);
    expect(missed(name, openPairs(people, images[stage], open), ['row-number'])).toEqual([]);
  });

  it('submissions that wait, and what the sort made of them', () => {
    expect(missed('waiting', waitingPairs(people, waiting, images.sorted), ['row-number', 'shared-bytes'])).toEqual([]);
  });

  it('ids of drained submissions lead to records, entries and claims', () => {
    const seen = seize(images.published, 'sealed/inbox.db', 'seen');
    for (const { name, joined } of idsJoined(seen, images.published)) {
      printFoundControl(`S3 submission ids joined to ${name} that keep them`, joined);
      expect(joined).toBe(SOME);
    }
  });

  it('strings of each sealed file stand in the public one', () => {
    for (const file of ['sealed/vault.db', 'sealed/inbox.db', 'shred/shred.db', 'claims/claims.db']) {
      const shared = sharedWithPublic(images.published, file);
      printFoundControl(`S3 strings shared by ${file} and a public/public.db that keeps ids`, shared);
      expect(shared).toBeGreaterThan(SOME / 2);
    }
  });

  it('places correlate, and rows are numbered', () => {
    const [pair] = openPairs(people, images.published, seizeEntries(images.published));
    const correlation = placeCorrelation(pair as Pair);
    printFoundControl('S3 rank correlation of places in the order of calls, in thousandths', Math.round(1000 * correlation));
    expect(correlation).toBeGreaterThan(4 / Math.sqrt(SOME - 1));
    for (const [file, table] of SEALED) expect(tablesWithRowid(images.published, file)).toContain(table);
  });
});

it('a store that does not pad: its rows have more than one length', () => {
  const image = copyOf(images.published, join(root, 'unpadded'), ['sealed', 'shred', 'claims']);
  for (const [file, table, id] of SEALED) {
    expect(sizesOf(seize(image, file, table))).toBe(1);
    const bytes = new Map([[(people[0] as Truth)[id], Buffer.alloc(15)]]);
    doctor(join(image, file), (database) => keepBeside(database, table, bytes));
    const sizes = sizesOf(seize(image, file, table));
    printFoundControl(`S3 sizes of rows in ${file}, one a byte shorter`, sizes, 1);
    expect(sizes).toBe(2);
  }
});

it('an inbox in which rows stay after the drain', () => {
  const image = copyOf(fixture.image('empty'), join(root, 'undrained'), ['sealed']);
  expect(DRAINED.map((table) => rowsIn(image, 'sealed/inbox.db', table))).toEqual([0, 0, 0, 0]);
  doctor(join(image, 'sealed/inbox.db'), (database) => {
    database.exec(`INSERT INTO waiting VALUES (randomblob(16), 1, 1, 0, 0, 1); INSERT INTO submissions VALUES (1, randomblob(24576));
      INSERT INTO quarantine VALUES (randomblob(16), randomblob(99)); INSERT INTO imports VALUES (randomblob(16), 1, randomblob(16), 0)`);
  });
  const found = DRAINED.map((table) => rowsIn(image, 'sealed/inbox.db', table));
  printFoundControl('S3 tables of the inbox in which something stayed', found.filter((rows) => rows > 0).length);
  expect(found).toEqual([1, 1, 1, 1]);
});

it('a build that keeps a file for each person, wherever it lies', () => {
  const [before, after] = ['few-files', 'many-files'].map((name) => join(root, name)) as [string, string];
  for (const copy of [before, after]) copyOf(fixture.image('empty'), copy, ['sealed', 'public', 'keys']);
  mkdirSync(join(after, 'sealed', 'bodies'));
  for (const [i, { record }] of people.entries()) {
    writeFileSync(join(after, 'sealed', 'bodies', record), '');
    writeFileSync(join(after, 'keys', 'log', `after-${i}.checkpoint`), '');
  }
  const came = filesComeOrGone(before, after);
  printFoundControl('S3 files that came with registrations, one a person', came.length);
  expect(came).toHaveLength(2 * SOME);
  expect(came).not.toEqual(BY_TIME);
  expect(filesComeOrGone(after, before)).toEqual(came);
});
