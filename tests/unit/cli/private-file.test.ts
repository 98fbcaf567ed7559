import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePrivateFile } from '../../../src/edges/cli/private-file.js';

const root = mkdtempSync(join(tmpdir(), 'private-file-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('writePrivateFile', () => {
  it('writes text or bytes for the owner only', () => {
    for (const [name, content] of [
      ['text', 'share'],
      ['bytes', new Uint8Array([1, 2, 3])],
    ] as const) {
      writePrivateFile(join(root, name), content);
      expect(statSync(join(root, name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(root, name))).toEqual(Buffer.from(content as string));
    }
  });

  it('leaves what is there as it is', () => {
    const path = join(root, 'there');
    writeFileSync(path, 'precious');
    expect(() => writePrivateFile(path, 'new')).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('leaves no half of a file', () => {
    const path = join(root, 'half');
    expect(() => writePrivateFile(path, 1 as never)).toThrow(TypeError);
    expect(existsSync(path)).toBe(false);
  });
});
