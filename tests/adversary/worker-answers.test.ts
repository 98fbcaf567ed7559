import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type * as Custodian from '../../src/custodian.js';
import type * as Library from '../../src/index.js';
import type { SealJob, SealOutcome } from '../../src/intake.js';
import type * as Sqlite from '../../src/sqlite.js';
import { BAD, importAfterAnother, importWithBadRow, ROWS } from './support/imports.js';
import { printFound, printFoundControl } from './support/report.js';

/**
 * The built package seals imports on worker threads; a source checkout does not. A row that cannot be sent to a thread, or that breaks a rule in
 * an unforeseen way, must become a rejected row: not an error that quotes it, and never somebody else's answer.
 */
const DIST = resolve(import.meta.dirname, '../../dist');
const built = existsSync(join(DIST, 'seal-worker.js'));
const directories: string[] = [];
let registry: Library.Registry;

afterEach(async () => {
  await registry.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const load = async (name: string): Promise<unknown> => import(pathToFileURL(join(DIST, name)).href);

/** `leak` changes what comes back from the threads. */
async function open(leak?: Leak): Promise<Library.Registry> {
  const { createCustody } = (await load('custodian.js')) as typeof Custodian;
  const { makePolicy, openRegistry } = (await load('index.js')) as typeof Library;
  const { workerSealer } = (await load('sqlite.js')) as typeof Sqlite;
  const root = mkdtempSync(join(tmpdir(), 'adversary-workers-'));
  directories.push(root);
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  const options = { dir: join(root, 'registry'), keys, policy: makePolicy('tiny', ['party']) };
  registry = await openRegistry(options, leak === undefined ? {} : { sealer: leaking(workerSealer(), leak) });
  return registry;
}

type Leak = (outcomes: readonly SealOutcome[], jobs: readonly SealJob[]) => readonly SealOutcome[];

function leaking(sealer: Library.Sealer, leak: Leak): Library.Sealer {
  return {
    seal: async (jobs, publicKeys, now) => leak(await sealer.seal(jobs, publicKeys, now), jobs),
    close: async () => sealer.close(),
  };
}

describe.skipIf(!built)('an import on worker threads', () => {
  it.each(BAD)('%s in one row: that row is rejected, its neighbours are taken, nothing is quoted', async (shape, change) => {
    const { lost, misjudged, quoted } = await importWithBadRow(await open(), change);
    printFound(`${shape}: rows lost with it`, lost, 0);
    printFound(`${shape}: rows judged as another`, misjudged, 0);
    printFound(`${shape}: canaries quoted`, quoted, 0);
    expect({ lost, misjudged, quoted }).toEqual({ lost: 0, misjudged: 0, quoted: 0 });
  });

  it('after a failed import the next one gets its own answers', async () => {
    const { accepted, failed, lost } = await importAfterAnother(await open());
    printFound(`statements lost among ${accepted} accepted ones (${failed} of the failed import stored)`, lost, 0);
    expect({ accepted, lost }).toEqual({ accepted: ROWS, lost: 0 });
  });
});

/** A refusal of one row is the answer to all that went to its thread. */
const refusingAll: Leak = (outcomes) => {
  const refusal = outcomes.find((outcome) => 'code' in outcome);
  const half = outcomes.length / 2;
  const thread = refusal === undefined ? -1 : Math.floor(outcomes.indexOf(refusal) / half);
  return outcomes.map((outcome, i) => (Math.floor(i / half) === thread ? (refusal as SealOutcome) : outcome));
};

const neighboursAnswer: Leak = (outcomes) => outcomes.map((_, i) => outcomes.at(i - 1) as SealOutcome);

/** Sends without looking whether it can be sent, and says in a refusal what the group was. */
const quoting: Leak = (outcomes, jobs) => {
  structuredClone(jobs);
  return outcomes.map((outcome, i) =>
    'code' in outcome ? { ...outcome, field: `group ${String(jobs[i]?.registration.group)}` } : outcome,
  );
};

/** Gives each call the answers to the one before. */
function lateAnswers(): Leak {
  let last: readonly SealOutcome[] | undefined;
  return (outcomes) => {
    const late = last ?? outcomes;
    last = outcomes;
    return late;
  };
}

describe.skipIf(!built)('controls: worker threads that leak', () => {
  it.each(BAD)('%s: neighbours refused with it, the neighbour’s answer, and what is quoted are seen', async (shape, change) => {
    const found: number[] = [];
    let now: Leak = refusingAll;
    const one = await open((outcomes, jobs) => now(outcomes, jobs));
    for (const [leak, seen, measure] of [
      [refusingAll, 'rows lost with it: a thread that refuses all', 'lost'],
      [neighboursAnswer, 'rows judged as another: the neighbour’s answer', 'misjudged'],
      [quoting, 'canaries quoted: threads that quote', 'quoted'],
    ] as const) {
      now = leak;
      const result = (await importWithBadRow(one, change))[measure];
      printFoundControl(`${shape}: ${seen}`, result);
      found.push(result);
    }
    expect(found).toEqual([ROWS / 2 - 1, 2, 1]);
  });

  it('answers that come one call late', async () => {
    const { lost } = await importAfterAnother(await open(lateAnswers()));
    printFoundControl('statements lost among accepted ones: answers that come one call late', lost);
    expect(lost).toBe(ROWS - 1);
  });
});
