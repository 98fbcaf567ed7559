import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Registration } from '../../../src/index.js';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface Programs {
  /** `child.ts`, to be forked. */
  readonly child: string;
  readonly cli: string;
  remove(): void;
}

/** Bundles the sources as they are now, so that no attack is on yesterday's build. */
export function buildPrograms(): Programs {
  const out = join(ROOT, 'node_modules', '.cache', `adversary-${process.pid}`);
  mkdirSync(out, { recursive: true });
  const flags = ['--no-config', '--format', 'esm', '--platform', 'node', '--target', 'node20', '--no-clean', '--silent', '--out-dir', out];
  const entries = ['--entry.child', 'tests/adversary/support/child.ts', '--entry.cli', 'src/edges/cli/main.ts'];
  const tsup = join(ROOT, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  execFileSync(process.execPath, [tsup, ...entries, ...flags], { cwd: ROOT, stdio: 'pipe' });
  return { child: join(out, 'child.js'), cli: join(out, 'cli.js'), remove: () => rmSync(out, { recursive: true, force: true }) };
}

/** What a child may be told to do. Bytes travel as base64. */
export type Order =
  /** `time`: milliseconds at which the clock stands; default: the clock of the machine. */
  | { readonly do: 'open'; readonly dir: string; readonly time?: number }
  | { readonly do: 'accept'; readonly submission: string }
  | { readonly do: 'register'; readonly registration: Registration }
  | { readonly do: 'seal'; readonly registration: Registration; readonly keys: string }
  | { readonly do: 'keep'; readonly registration: Registration }
  | { readonly do: 'forget' }
  | { readonly do: 'sort' | 'publish' }
  | { readonly do: 'dump'; readonly folder: string }
  | { readonly do: 'fail'; readonly registration: Registration }
  /** Prints this on both streams: what stands before it has arrived. */
  | { readonly do: 'mark'; readonly mark: string }
  /** What no program should do; the controls tell it to (`leakOf`). */
  | { readonly do: 'leak'; readonly into: Leak; readonly hidden: string };

/** Where a careless program leaves what it was given: printed, in a file for the time being, in its environment, in a text or in bytes it keeps. */
export type Leak = 'log' | 'file' | 'file name' | 'environment' | 'text' | 'bytes' | 'uncaught error';

/** Every bit of the bytes is turned over on the way, so that the order itself is not what a search finds. */
export function leakOf(into: Leak, bytes: Uint8Array): Order {
  return { do: 'leak', into, hidden: Buffer.from(bytes.map((byte) => byte ^ 0xff)).toString('base64') };
}

export interface Child {
  readonly pid: number;
  /** Everything it printed so far, as bytes: standard output, then standard error. */
  printed(): Promise<Buffer>;
  /** The child's answer; throws if it died. */
  tell(order: Order): Promise<string>;
  /** When it has ended by itself. */
  ended(): Promise<void>;
  end(): Promise<void>;
}

/** V8 cuts every string of a heap snapshot after 1,024 characters, and with it whatever stands further on. */
const WHOLE_STRINGS = '--heap-snapshot-string-limit=1000000000';

export function startChild(program: string, folder: string): Child {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, NODE_PATH: process.env['NODE_PATH'] ?? '' };
  const execArgv = ['--expose-gc', WHOLE_STRINGS];
  const child: ChildProcess = fork(program, [], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv });
  // Not decoded here: a leak need not be UTF-8.
  const printed = [child.stdout, child.stderr].map((stream) => {
    const pieces: Buffer[] = [];
    stream?.on('data', (piece: Buffer) => pieces.push(piece));
    return () => Buffer.concat(pieces);
  });
  let gone = false;
  const exited = new Promise<void>((done) =>
    child.once('exit', () => {
      gone = true;
      done();
    }),
  );
  // Later than `exit`: everything printed has arrived.
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  const tell = async (order: Order): Promise<string> =>
    new Promise((done, fail) => {
      // Nobody would ever answer.
      if (gone) return fail(new Error('the child is gone'));
      const onMessage = (answer: unknown): void => {
        child.off('exit', onExit);
        done(String(answer));
      };
      const onExit = (): void => {
        child.off('message', onMessage);
        fail(new Error('the child died'));
      };
      child.once('message', onMessage).once('exit', onExit);
      child.send(order);
    });
  return {
    pid: child.pid as number,
    tell,
    printed: async () => {
      const mark = `mark ${marks++}\n`;
      if (gone) await closed;
      else await tell({ do: 'mark', mark });
      while (printed.some((stream) => !stream().includes(mark))) {
        if (gone) break;
        await setTimeout(1);
      }
      return withoutMarks(Buffer.concat(printed.map((stream) => stream())));
    },
    ended: async () => closed,
    end: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

let marks = 0;

function withoutMarks(printed: Buffer): Buffer {
  return Buffer.from(printed.toString('latin1').replace(/mark \d+\n/gu, ''), 'latin1');
}
