import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry, RegistryError } from '../../src/index.js';
import { nodeBackend, openSqliteStores } from '../../src/sqlite.js';
import { fixedClock } from '../../src/testing.js';
import { buildCrashPrograms, type CrashBuild } from '../support/crash-build.js';
import { assertOnce, clockAt, withRegistryAt } from '../support/crash-check.js';
import { CRASH_OPERATIONS, isFailedExit, isFullExit } from '../support/crash-operations.js';
import { copyOf, failAt, failuresAt, killPointsOf, STRACE_WORKS } from '../support/crash-points.js';
import { recordFact } from '../support/fact.js';

/**
 * Maintenance on a disk that is full, that fails, or that may not be written (full-disk.test.ts has the other operations). The process lives
 * on and must say so with a code, of a full disk that it may be asked again; later the same is asked again.
 */
const START = Date.UTC(2026, 10, 21, 9);
const NOBODY = 65_534;
const EVERY = 4;
const root = mkdtempSync(join(tmpdir(), 'failing-disk-'));
const dir = join(root, 'registry');
let people: string[];

beforeAll(async () => {
  const { keys } = await createCustody({ quorum: 2, custodians: 2 });
  const registry = await openRegistry(
    { dir, keys, policy: makePolicy('tiny', ['party']) },
    { clock: fixedClock(START), backend: nodeBackend },
  );
  const person = (i: number) => ({ identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'] } });
  const { accepted } = await registry.registerGroup([1, 2, 3, 4, 5].map(person));
  people = accepted.map(({ entryId }) => entryId);
  await registry.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function repeatAndCheck(copy: string): Promise<void> {
  const clock = clockAt(START, 40);
  await withRegistryAt(copy, clock, (registry) => CRASH_OPERATIONS.maintain({ registry, clock, extra: root, dir }));
  clock.advanceDays(1);
  await withRegistryAt(copy, clock, (registry) => registry.publish());
  await assertOnce(copy, clock, { people, claims: people.length });
}

it('control: one submission that a swallowed error lost is noticed', async () => {
  const copy = copyOf(dir);
  const stores = await openSqliteStores(copy.dir);
  await stores.inbox.drain(
    (await stores.inbox.take(1)).map(({ id }) => id),
    [],
  );
  await stores.close();
  await expect(repeatAndCheck(copy.dir)).rejects.toThrow('records');
  copy.remove();
});

describe.skipIf(!STRACE_WORKS)(`a disk that fails${STRACE_WORKS ? '' : ' (skipped: strace cannot trace here)'}`, () => {
  let build: CrashBuild;
  beforeAll(() => {
    build = buildCrashPrograms();
    return () => build.remove();
  });

  it.each([
    { name: 'full from here on', error: 'ENOSPC', lasting: true, calls: ['pwrite64', 'write', 'ftruncate', 'link', 'mkdir', 'rename'] },
    { name: 'full for one call', error: 'ENOSPC', lasting: false, calls: ['pwrite64', 'write', 'ftruncate', 'link', 'mkdir', 'rename'] },
    { name: 'cannot sync', error: 'EIO', lasting: false, calls: ['fsync', 'fdatasync'] },
    { name: 'cannot unlink', error: 'EIO', lasting: false, calls: ['unlink', 'rmdir'] },
    {
      name: 'read-only from here on',
      error: 'EROFS',
      lasting: true,
      calls: ['pwrite64', 'write', 'ftruncate', 'link', 'unlink', 'mkdir', 'rename'],
    },
    { name: 'read-only for one open', error: 'EROFS', lasting: false, calls: ['openat'] },
  ] as const)('$name: a coded error, and nothing lost', async ({ name, error, lasting, calls }) => {
    const program = (copy: string) => [build.child, 'maintain', copy, `${clockAt(START, 40).now()}`, root];
    const points = killPointsOf(dir, program).filter(({ call }) => (calls as readonly string[]).includes(call));
    const some = points.filter((_, i) => i % EVERY === 0);
    let refused = 0;
    const failures = await failuresAt(some, async (point) => {
      const copy = copyOf(dir);
      try {
        const exit = Number(await failAt(copy.dir, program, point, { error, lasting }));
        const asItMust = error === 'ENOSPC' ? isFullExit(exit, point.call) : isFailedExit(exit, point.call);
        if (asItMust) refused++;
        else if (exit !== 0) throw new Error(`ended with ${exit}`);
        await repeatAndCheck(copy.dir);
      } finally {
        copy.remove();
      }
    });
    recordFact({ kind: 'crash', name: `maintain, disk: ${name}`, values: { points: points.length, tried: some.length } });
    process.stdout.write(`disk ${name}: ${some.length} of ${points.length} calls, refused ${refused}\n`);
    expect(failures).toEqual([]);
    expect(some.length).toBeGreaterThan(2);
    if (calls.length > 2) expect(refused).toBeGreaterThan(some.length / 2);
  });
});

// Root may write anywhere, so the test steps down to another uid for the length of one call.
describe.skipIf(process.platform === 'win32' || process.geteuid?.() !== 0)('a directory that may not be written (as root only)', () => {
  it('refuses with a code, and goes on when it may', async () => {
    const { dir: copy, remove } = copyOf(dir);
    const names = ['', ...(readdirSync(copy, { recursive: true }) as string[])].map((name) => join(copy, name));
    const clock = fixedClock(START);
    for (const path of names) chownSync(path, NOBODY, NOBODY);
    chownSync(join(copy, '..'), NOBODY, NOBODY);
    for (const path of names) chmodSync(path, /\.(db|key|json)$/.test(path) ? 0o400 : 0o500);
    process.seteuid?.(NOBODY);
    const refusal: unknown = await withRegistryAt(copy, clock, (registry) => registry.sort()).then(
      () => undefined,
      (error: unknown) => error,
    );
    process.seteuid?.(0);
    expect(refusal).toBeInstanceOf(RegistryError);
    expect(refusal).toMatchObject({ code: 'STORE_FAILED' });
    for (const path of names) chmodSync(path, /\.(db|key|json)$/.test(path) ? 0o600 : 0o700);
    await repeatAndCheck(copy);
    remove();
  });
});
