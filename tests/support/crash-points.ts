import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Calls that change a file, a name or what survives a power cut. */
const CHANGING = [
  'openat',
  'write',
  'pwrite64',
  'writev',
  'pwritev',
  'ftruncate',
  'fallocate',
  'fsync',
  'fdatasync',
  'rename',
  'renameat2',
  'link',
  'unlink',
  'mkdir',
  'rmdir',
  'chmod',
  'fchmod',
];

/** The `when`-th call of this name by the thread that does the work. */
export interface KillPoint {
  readonly call: string;
  readonly when: number;
}

export const STRACE_WORKS = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;

/** The program's own arguments for a directory that is a copy of the prepared one. */
export type ProgramFor = (dir: string) => readonly string[];

/** Runs the program once to its end and lists every call that changes something in the directory. */
export function killPointsOf(prepared: string, program: ProgramFor): readonly KillPoint[] {
  const { dir, remove } = copyOf(prepared);
  const trace = join(dir, '..', 'trace');
  try {
    // Without -f only the first thread is traced; it does all the writing, and a signal to it ends the process.
    const args = ['-qq', '-y', '-s', '0', '-o', trace, '-e', `trace=${CHANGING.join(',')}`, process.execPath, ...program(dir)];
    const { status, stderr } = spawnSync('strace', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the reference run failed: ${stderr}`);
    const counts = new Map<string, number>();
    return readFileSync(trace, 'utf8')
      .split('\n')
      .flatMap((line): KillPoint[] => {
        const call = /^(\w+)\(/.exec(line)?.[1];
        if (call === undefined) return [];
        const when = (counts.get(call) ?? 0) + 1;
        counts.set(call, when);
        const changes = line.includes(dir) && (call !== 'openat' || line.includes('O_CREAT'));
        return changes ? [{ call, when }] : [];
      });
  } finally {
    remove();
  }
}

/** Runs the program on a copy and kills it before its `point`; then `check` looks at what is left. */
export async function killAt(
  prepared: string,
  program: ProgramFor,
  point: KillPoint,
  check: (dir: string) => Promise<void>,
): Promise<void> {
  const { dir, remove } = copyOf(prepared);
  try {
    const { call, when } = point;
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
    const signal = await ended('strace', ['-qq', '-o', '/dev/null', ...inject, process.execPath, ...program(dir)]);
    if (signal !== 'SIGKILL') throw new Error('the program was not killed');
    await check(dir);
  } finally {
    remove();
  }
}

export interface Fault {
  /** No room, an I/O error, or a file system that has become read-only. */
  readonly error: 'ENOSPC' | 'EIO' | 'EROFS';
  readonly lasting: boolean;
}

/**
 * Runs the program on a copy whose disk fails: from its `point` on (`lasting`), or once, that call answers with `error` and does nothing.
 * Gives the exit code as text.
 */
export async function failAt(dir: string, program: ProgramFor, { call, when }: KillPoint, { error, lasting }: Fault): Promise<string> {
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${when}${lasting ? '+' : ''}`];
  return ended('strace', ['-qq', '-o', '/dev/null', ...inject, process.execPath, ...program(dir)]);
}

/** Two at a time; gives what failed, in words. */
export async function failuresAt(points: readonly KillPoint[], work: (point: KillPoint) => Promise<void>): Promise<readonly string[]> {
  const failures: string[] = [];
  const queue = [...points];
  const worker = async (): Promise<void> => {
    for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
      try {
        await work(point);
      } catch (error) {
        failures.push(`${point.call} ${point.when}: ${error instanceof Error ? error.message : 'failed'}`);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return failures;
}

/** Resolves to the signal that ended it, or its exit code as text. */
export function ended(command: string, args: readonly string[], killAfter?: number): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.on('error', fail);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done(signal ?? String(code));
    });
  });
}

export function copyOf(prepared: string): { readonly dir: string; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'crash-'));
  const dir = join(root, 'registry');
  cpSync(prepared, dir, { recursive: true, preserveTimestamps: true });
  return { dir, remove: () => rmSync(root, { recursive: true, force: true }) };
}
