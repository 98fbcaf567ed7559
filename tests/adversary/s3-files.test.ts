import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, PEOPLE, seizedRegistry, SMALLER_BATCH, type Stage, type Truth } from './support/fixture.js';
import { joinBySharedBytes, sharedOnce } from './support/joins.js';
import { attackPair, broken, judge, type Pair, pairOf, placeCorrelation } from './support/linkage-attacks.js';
import { printAttack, printFound } from './support/report.js';
import { filesBelow } from './support/scan.js';
import { type SeizedRow, seize, seizeEntries, seizeWaiting, tablesWithRowid } from './support/seized.js';
import { framesOf, readRaw } from './support/sqlite-pages.js';

/**
 * S3 and P2: somebody seized all stores, with logs and free pages, and has no key. How often is the entry named that belongs to a record?
 * Controls: s3-controls.test.ts. Two images: s3-two-images.test.ts; around an erasure: erasure.test.ts. Crash images: s3-crash.test.ts.
 */
const FILES = ['sealed/vault.db', 'sealed/inbox.db', 'shred/shred.db', 'claims/claims.db', 'public/public.db'];
let fixture: Fixture;

beforeAll(async () => {
  fixture = await seizedRegistry();
}, 900_000);

const mapOf = (from: keyof Truth, to: keyof Truth): ReadonlyMap<string, string> =>
  new Map(fixture.truth.map((row) => [row[from] as string, row[to] as string]));

/** Everything sealed against everything public, and the sealed stores among each other where they have no id in common. */
function pairs(image: string, open: ReturnType<typeof seize>): Pair[] {
  const [vault, shred, claims] = [
    seize(image, 'sealed/vault.db', 'records'),
    seize(image, 'shred/shred.db', 'shreds'),
    seize(image, 'claims/claims.db', 'claims'),
  ];
  return [
    pairOf('record to entry', vault, open, mapOf('record', 'entry')),
    pairOf('shred to entry', shred, open, mapOf('record', 'entry')),
    pairOf('claim to entry', claims, open, mapOf('locator', 'entry')),
    pairOf('claim to record', claims, vault, mapOf('locator', 'record')),
  ];
}

const STAGES: [name: string, stage: Stage, rows: (image: string) => ReturnType<typeof seize>][] = [
  ['sorted, the pool', 'sorted', (image) => seize(image, 'public/public.db', 'pool')],
  ['published, entries and leaves', 'published', seizeEntries],
  ['published, contents', 'published', (image) => seize(image, 'public/public.db', 'contents')],
];

describe(`the stores of ${PEOPLE} registrations, without keys`, () => {
  it.each(STAGES)('%s', (name, stage, rows) => {
    const image = fixture.image(stage);
    const attacked = pairs(image, rows(image));
    expect(attacked.map(({ truth }) => truth.length)).toEqual([PEOPLE, PEOPLE, PEOPLE, PEOPLE]);
    expect(broken(judge(`S3 ${name}:`, attacked.flatMap(attackPair), SMALLER_BATCH))).toEqual([]);
  });

  it('every row of a store has one length', () => {
    for (const [file, table] of [
      ['sealed/vault.db', 'records'],
      ['shred/shred.db', 'shreds'],
      ['claims/claims.db', 'claims'],
    ] as const) {
      const sizes = new Set(seize(fixture.image('published'), file, table).map(({ bytes }) => bytes.length)).size;
      printFound(`S3 sizes of rows in ${file}`, sizes, 1);
      expect(sizes).toBe(1);
    }
  });

  it('places do not even correlate: records and entries of the whole register', () => {
    const [pair] = pairs(fixture.image('published'), seizeEntries(fixture.image('published')));
    const correlation = placeCorrelation(pair as Pair);
    const bound = 4 / Math.sqrt(PEOPLE - 1);
    process.stdout.write(`  S3 rank correlation of places  ${correlation.toFixed(4)}  bound ${bound.toFixed(4)}\n`);
    expect(correlation).toBeLessThan(bound);
  });
});

describe('what lies beside the rows', () => {
  const stages: Stage[] = ['sorted', 'published'];

  it('no row numbers but those of the public log, and of bodies that wait', () => {
    for (const stage of stages) {
      const numbered = FILES.flatMap((file) => tablesWithRowid(fixture.image(stage), file).map((table) => `${file} ${table}`));
      expect(numbered.sort()).toEqual(
        stage === 'sorted' ? [] : ['batches', 'checkpoints', 'leaves', 'tiles'].map((table) => `public/public.db ${table}`),
      );
    }
    expect(tablesWithRowid(fixture.image('waiting'), 'sealed/inbox.db')).toEqual(['submissions']);
  });

  it('free pages are zero, logs are empty; gaps inside pages are measured, not judged', () => {
    for (const stage of stages) {
      for (const file of FILES) {
        const raw = readRaw(join(fixture.image(stage), file));
        const frames = framesOf(join(fixture.image(stage), `${file}-wal`), raw.pageSize).length;
        printFound(`S3 ${stage}: remnant bytes on ${raw.free.length} free of ${raw.pages} pages of ${file}`, raw.remnants, 0);
        process.stdout.write(`  S3 measured, not judged: bytes in gaps of ${stage} ${file}  ${raw.gapBytes}\n`);
        printFound(`S3 ${stage}: frames in the log of ${file}`, frames, 0);
        expect({ file, remnants: raw.remnants, frames }).toEqual({ file, remnants: 0, frames: 0 });
      }
    }
  });

  it('no 16 bytes of a sealed file stand in the public one, live or not', () => {
    for (const stage of stages) {
      const raw = (file: string) => readFileSync(join(fixture.image(stage), file)).subarray(8192); // the first page is the schema
      const open = raw('public/public.db');
      for (const file of FILES.slice(0, -1)) {
        const shared = sharedOnce(raw(file), open);
        printFound(`S3 ${stage}: strings shared by ${file} and public/public.db`, shared, 0);
        expect(shared).toBe(0);
      }
    }
  });

  it('files: as many for 4,096 people as for none', () => {
    // Keys come by the day and the week.
    const names = (stage: Stage) =>
      filesBelow(fixture.image(stage))
        .map(({ name }) => name.replace(/-(wal|shm)$/u, ''))
        .filter((name) => !name.startsWith('keys/'));
    const all = (stage: Stage) => [...new Set(names(stage))].sort();
    printFound('S3 files that came with registrations', all('published').length - all('empty').length, 0);
    expect(all('published')).toEqual(all('empty'));
  });
});

/** The first 512 bytes of each column: 33 MB of bodies against 100 MB of submissions would be too many windows to compare. */
function heads(row: SeizedRow): SeizedRow {
  const columns = row.columns.map((column) => (Buffer.isBuffer(column) ? column.subarray(0, 512) : column));
  return { ...row, columns, bytes: Buffer.concat(columns.filter((column) => Buffer.isBuffer(column))) };
}

describe('the inbox', () => {
  it('waiting in the order of calls: that order is not the order of records or entries', () => {
    const waiting = seizeWaiting(fixture.image('waiting'));
    expect(waiting).toHaveLength(PEOPLE);
    const known = new Map(waiting.map(({ id, columns }) => [columns[5] as number, id.toString('hex')]));
    const of = (to: keyof Truth) => new Map(fixture.truth.map((row, i) => [known.get(i + 1) ?? '', row[to] as string]));
    const image = fixture.image('sorted');
    const attacked = [
      pairOf('submission to record', waiting, seize(image, 'sealed/vault.db', 'records').map(heads), of('record')),
      pairOf('submission to pool', waiting, seize(image, 'public/public.db', 'pool'), of('entry')),
      pairOf('submission to claim', waiting, seize(image, 'claims/claims.db', 'claims'), of('locator')),
    ];
    expect(attacked.map(({ truth }) => truth.length)).toEqual([PEOPLE, PEOPLE, PEOPLE]);
    expect(broken(judge('S3 images before and after the sort:', attacked.flatMap(attackPair), SMALLER_BATCH))).toEqual([]);
  });

  it('drained: ids that lead nowhere', () => {
    const image = fixture.image('published');
    const seen = seize(image, 'sealed/inbox.db', 'seen');
    expect(seen).toHaveLength(PEOPLE);
    for (const table of ['waiting', 'submissions', 'quarantine', 'imports']) expect(seize(image, 'sealed/inbox.db', table)).toEqual([]);
    const worlds: [string, string, string][] = [
      ['records', 'sealed/vault.db', 'records'],
      ['entries', 'public/public.db', 'contents'],
      ['claims', 'claims/claims.db', 'claims'],
    ];
    const bytes = (rows: ReturnType<typeof seize>) => rows.map((row) => row.bytes);
    for (const [name, file, table] of worlds) {
      const joined = joinBySharedBytes(bytes(seen), bytes(seize(image, file, table))).filter((guess) => guess !== undefined).length;
      printAttack({ attack: `S3 submission ids joined to ${name}`, hits: joined, trials: PEOPLE, chance: 0, bound: 0 });
      expect(joined).toBe(0);
    }
  });
});
