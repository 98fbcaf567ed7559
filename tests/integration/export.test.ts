import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCustody, type Custody } from '../../src/custodian.js';
import { makePolicy, openRegistry, type Registration, type Registry } from '../../src/index.js';
import { exportFolder } from '../../src/sqlite.js';
import { type FixedClock, fixedClock } from '../../src/testing.js';
import { type ExportReader, replay } from '../../src/verify.js';

const root = mkdtempSync(join(tmpdir(), 'export-test-'));
const START = Date.UTC(2026, 10, 21, 9);
let custody: Custody;
let opened: Registry[] = [];
let serial = 0;

beforeAll(async () => {
  custody = await createCustody({ quorum: 2, custodians: 3 });
});
afterEach(async () => {
  for (const registry of opened) await registry.close();
  opened = [];
});
afterAll(() => rmSync(root, { recursive: true }));

async function place(): Promise<{ registry: Registry; clock: FixedClock; out: string }> {
  const at = join(root, `r${serial++}`);
  const clock = fixedClock(START);
  const policy = makePolicy('tiny', ['party', 'league']);
  const registry = await openRegistry({ dir: join(at, 'd'), keys: custody.keys, policy, origin: 'register.example' }, { clock });
  opened.push(registry);
  return { registry, clock, out: join(at, 's') };
}

const person = (i: number): Registration => ({
  identity: { names: ['王小明'], birthDate: `19${50 + (i % 50)}-03-01` },
  statement: { alias: 'jin fu', categories: [i % 2 === 0 ? 'party' : 'league'], evidence: i % 3 === 0 ? 'contact' : 'stated' },
});

async function publishDay(registry: Registry, clock: FixedClock, people: number): Promise<string[]> {
  clock.advanceDays(1);
  const ids: string[] = [];
  for (let i = 0; i < people; i++) ids.push((await registry.register(person(i))).entryId);
  await registry.publish();
  return ids;
}

const readerOf = (folder: string): ExportReader => ({
  read: async (path) => {
    try {
      return new Uint8Array(readFileSync(join(folder, path)));
    } catch {
      return undefined;
    }
  },
});

/** Path → bytes, of every file. */
function filesOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return new Map(
    files.map((file) => join(file.parentPath, file.name)).map((path) => [path.slice(folder.length + 1), readFileSync(path, 'hex')]),
  );
}

describe('the static export', () => {
  it('replays: every count recomputed, contents removed or not', async () => {
    const { registry, clock, out } = await place();
    const ids = await publishDay(registry, clock, 7);
    await registry.changeEntry(ids[0] as string, { name: 'Wang Xiaoming' });
    await registry.changeEntry(ids[1] as string, { retract: true });
    await registry.changeEntry(ids[2] as string, { removeContent: true });
    await registry.changeEntry(ids[3] as string, { evidence: 'verified' });
    await registry.changeEntry(ids[4] as string, { text: 'Said again.' });
    await publishDay(registry, clock, 2);
    await registry.log.export(exportFolder(out));
    const report = await replay(readerOf(out), { key: await registry.log.verifierKey() });
    const counts = await registry.counts();
    expect(report).toMatchObject({ statements: 9, batches: 2, withheld: 1, contents: 8 });
    expect(report.counts).toMatchObject({ total: counts.total, retracted: 1, byCategory: counts.byCategory, byDisplay: counts.byDisplay });
    expect(report.counts.byEvidence).toEqual(counts.byEvidence);
  });

  it('in steps is the same as in one, touches what has changed and nothing else, and leaves no partial tile behind', async () => {
    const { registry, clock, out } = await place();
    const ids: string[] = [];
    for (const people of [3, 255, 0, 8]) {
      ids.push(...(await publishDay(registry, clock, people)));
      await registry.log.export(exportFolder(out));
    }
    const times = new Map([...filesOf(out).keys()].map((path) => [path, statSync(join(out, path)).mtimeMs]));
    await registry.changeEntry(ids[0] as string, { removeContent: true });
    await publishDay(registry, clock, 1);
    const { written } = await registry.log.export(exportFolder(out));
    const changed = [...filesOf(out).keys()].filter((path) => statSync(join(out, path)).mtimeMs !== times.get(path));
    expect(changed).toContain('contents/000.json');
    expect(changed.filter((path) => path.startsWith('tile/') && !path.includes('.p/'))).toEqual([]);
    expect(changed).toHaveLength(written);

    const whole = `${out}-whole`;
    await registry.log.export(exportFolder(whole));
    expect(filesOf(out)).toEqual(filesOf(whole));
    expect([...filesOf(out).keys()].filter((path) => path.includes('.p/'))).toHaveLength(3);
    await replay(readerOf(out), { key: await registry.log.verifierKey() });
  }, 120_000);

  it('of nothing writes nothing', async () => {
    const { registry, out } = await place();
    expect(await registry.log.export(exportFolder(out))).toEqual({ size: 0, written: 0, removed: 0 });
  });

  it('refuses a folder that holds another log, or a later state', async () => {
    const [one, other] = [await place(), await place()];
    for (const { registry, clock } of [one, other]) await publishDay(registry, clock, 1);
    await other.registry.log.export(exportFolder(one.out));
    await expect(one.registry.log.export(exportFolder(one.out))).rejects.toMatchObject({ code: 'LOG_INCONSISTENT' });
  });

  it('has no path that leads out of its folder', async () => {
    const target = exportFolder(join(root, 'paths'));
    for (const path of ['../x', '/x', 'a/../../x', '', 'a//b', 'a\\b', '.x']) await expect(target.read(path)).rejects.toThrow(RangeError);
  });

  it('fails with a retryable code if something is published meanwhile, and is whole the next time', async () => {
    const { registry, clock, out } = await place();
    await publishDay(registry, clock, 3);
    const folder = exportFolder(out);
    let raced = false;
    const racing = {
      ...folder,
      flush: async () => {
        if (!raced) {
          raced = true;
          await publishDay(registry, clock, 2);
        }
        await folder.flush();
      },
    };
    await expect(registry.log.export(racing)).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
    await registry.log.export(folder);
    expect((await replay(readerOf(out), { key: await registry.log.verifierKey() })).statements).toBe(5);
  });
});
