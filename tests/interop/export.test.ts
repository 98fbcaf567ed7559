import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry, type Registry } from '../../src/index.js';
import { parseVerifierKey } from '../../src/log/note.js';
import { exportFolder, nodeBackend } from '../../src/sqlite.js';
import { blindWitness, type Cosigner, honestWitness, policyOf, SECONDS } from '../adversary/support/split-view.js';
import { buildGo, hasGo, hasOpenssl, opensslVerifies } from './support/programs.js';

const DAY = 86_400_000;
/** Registrations of each day; a tally stands before them. */
const DAYS = [3, 254, 0, 8];
const SIZE = DAYS.reduce((sum, people) => sum + people, DAYS.length);

/** What a registry itself publishes, with two witnesses, judged by programs that we did not write. */
describe.skipIf(!hasGo || !hasOpenssl)('an export of a registry', () => {
  const work = mkdtempSync(join(tmpdir(), 'interop-export-'));
  const out = join(work, 'export');
  let now = SECONDS * 1000;
  const clock = { now: (): number => now };
  let registry: Registry;
  let key: string;
  let witnesses: readonly Cosigner[];
  let check: ReturnType<typeof buildGo>;
  const checked = (dir: string): ReturnType<typeof check> => check([dir, key, ...witnesses.map(({ vkey }) => vkey)]);

  beforeAll(async () => {
    check = buildGo('checkexport', work);
    const { keys } = await createCustody();
    const dir = join(work, 'registry');
    const policy = makePolicy('tiny', ['league', 'party']);
    const own = await openRegistry({ dir, keys, policy, origin: 'register.example/log' }, { clock, backend: nodeBackend });
    key = await own.log.verifierKey();
    await own.close();
    witnesses = [await honestWitness('witness.example/a', 61, key, join(work, 'a'), clock), blindWitness('witness.example/b', 62, clock)];
    const asked = {
      policy: policyOf(
        2,
        witnesses.map(({ vkey }) => vkey),
      ),
      connections: witnesses,
    };
    registry = await openRegistry({ dir, keys, policy }, { clock, backend: nodeBackend, witnesses: asked });
    for (const people of DAYS) {
      const group = Array.from({ length: people }, (_, i) => ({
        identity: { names: ['王小明'] },
        statement: { alias: i % 2 === 0 ? 'jin fu' : 'wan shun', categories: ['party'], text: `I withdraw. ${i}` },
      }));
      for (const registration of group) await registry.register(registration);
      expect(await registry.publish({ now: people > 0 })).toMatchObject({ published: people, waitsForWitnesses: false, conflicts: 0 });
      // An export each day: most files of the last one were written by earlier ones.
      await registry.log.export(exportFolder(out));
      now += DAY;
    }
  }, 300_000);
  afterAll(async () => {
    await registry.close();
    rmSync(work, { recursive: true, force: true });
  });

  it('is verified by golang.org/x/mod: signatures, root, every leaf, every batch, one line of checkpoints', () => {
    const { status, stdout, stderr } = checked(out);
    expect(stderr).toBe('');
    expect(stdout).toBe(`size ${SIZE} leaves ${SIZE} bundles ${DAYS.length} steps ${DAYS.length} signatures 3\n`);
    expect(status).toBe(0);
  });

  it('has a checkpoint that openssl verifies, and no other', () => {
    const note = readFileSync(join(out, 'checkpoint'), 'utf8');
    const { publicKey } = parseVerifierKey(key);
    expect(opensslVerifies(work, publicKey, note)).toBe(true);
    expect(opensslVerifies(work, publicKey, note.replace(`\n${SIZE}\n`, `\n${SIZE - 1}\n`))).toBe(false);
  });

  it('negative control: one bit flipped in any file of the log, wherever in it, is found', () => {
    const files = filesBelow(out).filter((path) => /^(checkpoint$|tile\/|batch\/)/.test(path));
    expect(files.length).toBeGreaterThanOrEqual(9);
    const bad = join(work, 'bad');
    cpSync(out, bad, { recursive: true });
    for (const [i, path] of files.entries()) {
      const bytes = readFileSync(join(out, path));
      const at = (i * 7919 + 31) % bytes.length;
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << (i % 7));
      writeFileSync(join(bad, path), flipped);
      expect(checked(bad).status, `${path} ${at}`).toBe(1);
      writeFileSync(join(bad, path), bytes);
    }
    expect(checked(bad).status).toBe(0);
  });
});

function filesBelow(dir: string, under = ''): string[] {
  return readdirSync(join(dir, under)).flatMap((name) => {
    const path = under === '' ? name : `${under}/${name}`;
    return statSync(join(dir, path)).isDirectory() ? filesBelow(dir, path) : [path];
  });
}
