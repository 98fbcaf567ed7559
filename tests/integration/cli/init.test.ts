import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectShare } from '../../../src/custodian.js';
import { cli } from '../../support/cli-shell.js';

const root = mkdtempSync(join(tmpdir(), 'cli-init-'));
let serial = 0;
afterAll(() => rmSync(root, { recursive: true }));

const place = (): string => {
  const path = join(root, `t${serial++}`);
  mkdirSync(path);
  return path;
};
const filesUnder = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).map((each) => join(each.parentPath, each.name));

describe('init', () => {
  it('makes a registry and shares apart from it, for their owner only', async () => {
    const at = place();
    const [dir, custody] = [join(at, 'registry'), join(at, 'deep', 'custody')];
    const { code, out, err } = await cli([
      'init',
      '--dir',
      dir,
      '--custody',
      custody,
      '--quorum',
      '2',
      '--custodians',
      '3',
      '--policy',
      'tiny',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/Any 2 of 3 custodians.*Remove all of them from this machine/s);
    for (const [folder, purpose] of [
      ['.', 'vault'],
      ['link', 'link'],
      ['quarantine', 'quarantine'],
    ] as const) {
      for (const i of [1, 2, 3]) {
        const share = readFileSync(join(custody, folder, `${purpose}-${i}-of-3.share`), 'utf8');
        expect(inspectShare(share)).toMatchObject({ purpose, custodian: i, quorum: 2, custodians: 3 });
      }
    }
    const shares = filesUnder(custody).filter((path) => path.endsWith('.share'));
    expect(shares).toHaveLength(9);
    // Whoever copies them all to one stick loses none.
    expect(new Set(shares.map((path) => basename(path))).size).toBe(9);
    for (const path of [custody, dir, ...filesUnder(custody), ...filesUnder(dir)]) {
      const stats = statSync(path);
      expect(stats.mode & 0o777, path).toBe(stats.isDirectory() ? 0o700 : 0o600);
    }
    expect((await cli(['health', '--dir', dir])).code).toBe(0);
  });

  it('leaves nothing of a share under the registry', async () => {
    const at = place();
    await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c'), '--json']);
    const bodies = filesUnder(join(at, 'c'))
      .filter((path) => path.endsWith('.share'))
      .map((path) =>
        readFileSync(path, 'latin1')
          .split('\n')
          .filter((line) => /^[A-Za-z0-9+/]{64}$/.test(line)),
      );
    expect(bodies.flat().length).toBeGreaterThan(15 * 5);
    // The first lines hold public commitments; the secrets are in what only one share has.
    const all = bodies.flat();
    const own = all
      .filter((line) => all.indexOf(line) === all.lastIndexOf(line))
      .flatMap((line) => [line, Buffer.from(line, 'base64').toString('latin1')]);
    expect(own.length).toBeGreaterThan(15);
    const stored = filesUnder(join(at, 'd'))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, 'latin1'))
      .join('\n');
    expect(own.filter((piece) => stored.includes(piece))).toEqual([]);
  });

  it('takes its defaults: 3 of 5, standard, three categories', async () => {
    const at = place();
    const { code, out } = await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c'), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      logKey: expect.stringMatching(/^[0-9a-f]{16}\.invalid\+[0-9a-f]{8}\+/),
      policy: 'standard',
      categories: ['party', 'league', 'pioneers'],
      quorum: 3,
      custodians: 5,
    });
  });
});

describe('init refuses', () => {
  it.each<[string, (at: string) => [dir: string, custody: string]]>([
    ['custody in the registry', (at) => [join(at, 'd'), join(at, 'd', 'c')]],
    ['the registry in custody', (at) => [join(at, 'c', 'd'), join(at, 'c')]],
    ['one folder for both', (at) => [join(at, 'd'), join(at, 'x', '..', 'd')]],
    [
      'custody in the registry through a link',
      (at) => {
        mkdirSync(join(at, 'd'));
        symlinkSync(join(at, 'd'), join(at, 'elsewhere'));
        return [join(at, 'd'), join(at, 'elsewhere', 'c')];
      },
    ],
    [
      'the registry in custody through a link',
      (at) => {
        mkdirSync(join(at, 'c'));
        symlinkSync(join(at, 'c'), join(at, 'elsewhere'));
        return [join(at, 'elsewhere', 'deep', 'd'), join(at, 'c')];
      },
    ],
  ])('%s', async (_, folders) => {
    const [dir, custody] = folders(place());
    const { code, err } = await cli(['init', '--dir', dir, '--custody', custody]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error CUSTODY_INSIDE_REGISTRY: /);
    expect(existsSync(join(dir, 'keys'))).toBe(false);
  });

  it('a folder inside another registry, for the registry as for the shares', async () => {
    const at = place();
    await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c')]);
    for (const [dir, custody] of [
      ['d/public/sub', 'c2'],
      ['d/keys/x', 'c2'],
      ['d2', 'd/public/shares'],
    ] as const) {
      const { code, err } = await cli(['init', '--dir', join(at, dir), '--custody', join(at, custody)]);
      expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^error REGISTRY_EXISTS: /) as string });
    }
    expect(existsSync(join(at, 'd2'))).toBe(false);
  });

  it('a registry that is there, and touches neither it nor the new custody folder', async () => {
    const at = place();
    await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c')]);
    const before = readFileSync(join(at, 'd', 'keys', 'registry.json'));
    const { code, err } = await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c2')]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error REGISTRY_EXISTS: /);
    expect(existsSync(join(at, 'c2'))).toBe(false);
    expect(readFileSync(join(at, 'd', 'keys', 'registry.json'))).toEqual(before);
  });

  it('a folder that holds something else', async () => {
    const at = place();
    mkdirSync(join(at, 'd'));
    writeFileSync(join(at, 'd', 'letter.txt'), '');
    expect((await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c')])).err).toMatch(/^error REGISTRY_EXISTS: /);
    expect((await cli(['init', '--dir', join(at, 'd', 'letter.txt'), '--custody', join(at, 'c')])).code).toBe(2);
  });

  it('a custody folder that is not empty, and may be run again with another', async () => {
    const at = place();
    mkdirSync(join(at, 'c'));
    writeFileSync(join(at, 'c', 'vault-1-of-5.share'), 'precious');
    const { code, err } = await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c')]);
    expect(code).toBe(1);
    expect(err).toMatch(/^error CUSTODY_INVALID: /);
    expect(readFileSync(join(at, 'c', 'vault-1-of-5.share'), 'utf8')).toBe('precious');
    expect((await cli(['init', '--dir', join(at, 'd'), '--custody', join(at, 'c2')])).code).toBe(0);
  });
});
