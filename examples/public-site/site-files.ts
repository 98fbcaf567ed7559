import { copyFile, mkdir, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Names of all files the last run wrote; only those are ever removed, so a wrong folder costs nothing that was there before. */
const MANIFEST = '.site-files';

export interface Written {
  readonly written: number;
  readonly unchanged: number;
  readonly removed: number;
}

/** The files of a site on a disk. A file is written only where its bytes differ, under another name first, so readers never see half a page. */
export class SiteFiles {
  readonly #root: string;
  readonly #kept = new Set<string>();
  #written = 0;
  #unchanged = 0;

  constructor(root: string) {
    this.#root = root;
  }

  async write(path: string, text: string): Promise<void> {
    const target = this.#keep(path);
    const bytes = Buffer.from(text);
    const old = await readFile(target).catch(absent);
    if (old?.equals(bytes)) {
      this.#unchanged++;
      return;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(`${target}.new`, bytes);
    await rename(`${target}.new`, target);
    this.#written++;
  }

  /** A file of the export, byte for byte. */
  async copy(source: string, path: string): Promise<void> {
    const target = this.#keep(path);
    const [from, to] = [await readFile(source), await readFile(target).catch(absent)];
    if (to?.equals(from)) {
      this.#unchanged++;
      return;
    }
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, `${target}.new`);
    await rename(`${target}.new`, target);
    this.#written++;
  }

  /** Removes what an earlier run wrote and this one did not, and folders that are empty then. */
  async finish(): Promise<Written> {
    const manifest = join(this.#root, MANIFEST);
    const before = (await readFile(manifest, 'utf8').catch(absent))?.split('\n').filter((path) => path !== '') ?? [];
    const stale = before.filter((path) => !this.#kept.has(path) && isInside(path));
    for (const path of stale) {
      await rm(join(this.#root, path), { force: true });
      await removeEmptyFolders(this.#root, dirname(path));
    }
    await writeFile(
      manifest,
      [...this.#kept]
        .sort()
        .map((path) => `${path}\n`)
        .join(''),
    );
    return { written: this.#written, unchanged: this.#unchanged, removed: stale.length };
  }

  #keep(path: string): string {
    this.#kept.add(path);
    return join(this.#root, path);
  }
}

/** All files below a folder, relative to it, sorted. */
export async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let at = folder; at !== '.' && at !== '/'; at = dirname(at)) {
    const isEmpty = await stat(join(root, at)).then(
      async () => (await readdir(join(root, at))).length === 0,
      () => false,
    );
    if (!isEmpty) return;
    await rmdir(join(root, at));
  }
}

function isInside(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
