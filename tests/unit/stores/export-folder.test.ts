import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/foundation/bytes.js';
import { exportFolder } from '../../../src/stores/files/public-export-folder.js';

const root = mkdtempSync(join(tmpdir(), 'export-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('the folder of an export that others may write to', () => {
  it('writes through no link: neither a planted temporary file nor a planted target', async () => {
    const [folder, victim] = [join(root, 'links'), join(root, 'victim')];
    mkdirSync(folder);
    writeFileSync(victim, 'precious');
    symlinkSync(victim, join(folder, 'checkpoint.tmp'));
    symlinkSync(victim, join(folder, 'checkpoint'));
    await exportFolder(folder).write('checkpoint', utf8('note'));
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(lstatSync(join(folder, 'checkpoint')).isFile()).toBe(true);
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe('note');
  });

  it('neither makes nor removes anything where a directory leads out of it', async () => {
    const [folder, outside] = [join(root, 'out'), join(root, 'outside')];
    mkdirSync(folder);
    mkdirSync(outside);
    writeFileSync(join(outside, '000'), 'precious');
    symlinkSync(outside, join(folder, 'tile'));
    const target = exportFolder(folder);
    await expect(target.write('tile/0/001', utf8('x'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(target.remove('tile/000')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(readdirSync(outside)).toEqual(['000']);
    await target.write('contents/000.json', utf8('x'));
    expect(existsSync(join(folder, 'contents/000.json'))).toBe(true);
  });

  it('makes files that everybody can read, whatever the umask, and removes what a killed export left', async () => {
    const folder = join(root, 'umask');
    mkdirSync(folder);
    writeFileSync(join(folder, `checkpoint.${'0a'.repeat(16)}.tmp`), 'half');
    const before = process.umask(0o077);
    try {
      await exportFolder(folder).write('checkpoint', utf8('note'));
    } finally {
      process.umask(before);
    }
    expect(statSync(join(folder, 'checkpoint')).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(['checkpoint']);
  });
});
