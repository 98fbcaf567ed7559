import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, PEOPLE, seizedRegistry, SMALLER_BATCH, type Stage } from './support/fixture.js';
import { attackPair, broken, judge, type Pair, placeCorrelation } from './support/linkage-attacks.js';
import { printAttack, printFound } from './support/report.js';
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
import { seize, seizeEntries, seizeWaiting, sizesOf, tablesWithRowid } from './support/seized.js';
import { framesOf, readRaw } from './support/sqlite-pages.js';

/**
 * S3 and P2: somebody seized all stores, with logs and free pages, and has no key. How often is the entry named that belongs to a record?
 * Controls: s3-files-controls.test.ts, and of single attacks s3-controls.test.ts. Two images: s3-two-images.test.ts; around an erasure:
 * erasure.test.ts. Crash images: s3-crash.test.ts.
 */
const FILES = ['sealed/vault.db', 'sealed/inbox.db', 'shred/shred.db', 'claims/claims.db', 'public/public.db'];
let fixture: Fixture;

beforeAll(async () => {
  fixture = await seizedRegistry();
}, 900_000);

describe(`the stores of ${PEOPLE} registrations, without keys`, () => {
  it.each(STAGES)('%s', (name, stage, rows) => {
    const image = fixture.image(stage);
    const attacked = openPairs(fixture.truth, image, rows(image));
    expect(attacked.map(({ truth }) => truth.length)).toEqual([PEOPLE, PEOPLE, PEOPLE, PEOPLE]);
    expect(broken(judge(`S3 ${name}:`, attacked.flatMap(attackPair), SMALLER_BATCH))).toEqual([]);
  });

  it('every row of a store has one length', () => {
    for (const [file, table] of [
      ['sealed/vault.db', 'records'],
      ['shred/shred.db', 'shreds'],
      ['claims/claims.db', 'claims'],
    ] as const) {
      const sizes = sizesOf(seize(fixture.image('published'), file, table));
      printFound(`S3 sizes of rows in ${file}`, sizes, 1);
      expect(sizes).toBe(1);
    }
  });

  it('places do not even correlate: records and entries of the whole register', () => {
    const [pair] = openPairs(fixture.truth, fixture.image('published'), seizeEntries(fixture.image('published')));
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
        stage === 'sorted' ? [] : ['batches', 'checkpoints', 'contents', 'leaves', 'tiles'].map((table) => `public/public.db ${table}`),
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
      for (const file of FILES.slice(0, -1)) {
        const shared = sharedWithPublic(fixture.image(stage), file);
        printFound(`S3 ${stage}: strings shared by ${file} and public/public.db`, shared, 0);
        expect(shared).toBe(0);
      }
    }
  });

  it('files: as many for 4,096 people as for none, but for the key of the week and what was signed of the log', () => {
    const changed = filesComeOrGone(fixture.image('empty'), fixture.image('published'));
    printFound('S3 files that came with registrations', changed.filter((name) => !BY_TIME.includes(name)).length, 0);
    expect(changed).toEqual(BY_TIME);
  });
});

describe('the inbox', () => {
  it('waiting in the order of calls: that order is not the order of records or entries', () => {
    const waiting = seizeWaiting(fixture.image('waiting'));
    expect(waiting).toHaveLength(PEOPLE);
    const attacked = waitingPairs(fixture.truth, waiting, fixture.image('sorted'));
    expect(attacked.map(({ truth }) => truth.length)).toEqual([PEOPLE, PEOPLE, PEOPLE]);
    expect(broken(judge('S3 images before and after the sort:', attacked.flatMap(attackPair), SMALLER_BATCH))).toEqual([]);
  });

  it('drained: ids that lead nowhere', () => {
    const image = fixture.image('published');
    const seen = seize(image, 'sealed/inbox.db', 'seen');
    expect(seen).toHaveLength(PEOPLE);
    for (const table of DRAINED) expect(rowsIn(image, 'sealed/inbox.db', table)).toBe(0);
    for (const { name, joined } of idsJoined(seen, image)) {
      printAttack({ attack: `S3 submission ids joined to ${name}`, hits: joined, trials: PEOPLE, chance: 0, bound: 0 });
      expect(joined).toBe(0);
    }
  });
});
