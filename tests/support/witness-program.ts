import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface RunningProgram {
  readonly url: string;
  /** Resolves to the exit code; null after a kill. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Builds the example with the very command of its README. */
export function buildWitness(program: string): void {
  const readme = readFileSync(join(ROOT, 'examples/witness/README.md'), 'utf8');
  const [, build = ''] = /^npx (--no-install esbuild .*)$/m.exec(readme) ?? [];
  execFileSync('npx', build.replace('--outfile=witness.mjs', `--outfile=${program}`).split(' '), { cwd: ROOT, stdio: 'pipe' });
}

/** Resolves when it listens, or rejects with what it printed when it ends before. */
export function startProgram(program: string, dir: string, running: Set<ChildProcess>): Promise<RunningProgram> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, 'run', dir, '0'], { stdio: ['ignore', 'pipe', 'pipe'], cwd: dirname(program) });
    running.add(child);
    let printed = '';
    const exited = new Promise<number | null>((ended) => {
      child.once('exit', (code) => {
        running.delete(child);
        ended(code);
        // Without effect once it has listened.
        fail(new Error(printed));
      });
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [, port] = / on 127\.0\.0\.1:(\d+)/.exec(printed) ?? [];
        if (port === undefined) return;
        const end = (signal: NodeJS.Signals): Promise<number | null> => {
          child.kill(signal);
          return exited;
        };
        done({ url: `http://127.0.0.1:${port}`, end });
      });
  });
}
