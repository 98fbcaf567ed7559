import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
  | { readonly do: 'fail'; readonly registration: Registration };

export interface Child {
  readonly pid: number;
  /** Everything it printed. */
  printed(): string;
  /** The child's answer; throws if it died. */
  tell(order: Order): Promise<string>;
  end(): Promise<void>;
}

export function startChild(program: string, folder: string): Child {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, NODE_PATH: process.env['NODE_PATH'] ?? '' };
  const child: ChildProcess = fork(program, [], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: ['--expose-gc'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  let gone = false;
  const exited = new Promise<void>((done) =>
    child.once('exit', () => {
      gone = true;
      done();
    }),
  );
  return {
    pid: child.pid as number,
    printed: () => printed,
    tell: (order) =>
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
      }),
    end: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
