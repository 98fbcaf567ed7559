import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate, Comparison } from '../harness.js';
import type { Workshop } from './workshop.js';

/** What one measurement's work asks of the operating system; undefined where this machine cannot tell. */
export interface Writes {
  readonly fsyncs: number | undefined;
  /** Bytes given to write calls. */
  readonly bytes: number | undefined;
}

export type Side = 'candidate' | 'baseline';

/** Asks this program again, under strace, to do one side once. */
export async function countWrites(comparison: Comparison, side: Side, workshop: Workshop): Promise<Writes> {
  return { fsyncs: countFsyncs(comparison.name, side, workshop), bytes: await countBytes(comparison[side], comparison.times) };
}

/** What the program under strace does: the work between two system calls that are easy to find in the trace. */
export async function runMarked(candidate: Candidate, times: number, workshop: Workshop): Promise<void> {
  await candidate.prepare?.(times);
  mkdirSync(join(workshop.root, START));
  await candidate.run(times);
  mkdirSync(join(workshop.root, END));
  await candidate.check?.(times);
}

const TRACER = 'strace';
const START = 'mark-start';
const END = 'mark-end';
const TRACED = 'trace=fsync,fdatasync,mkdir,mkdirat';

function countFsyncs(name: string, side: Side, workshop: Workshop): number | undefined {
  const [, program] = process.argv;
  if (program === undefined) return undefined;
  const log = workshop.path();
  const { error, status } = spawnSync(
    TRACER,
    ['-f', '-qq', '-e', TRACED, '-o', log, process.execPath, program, '--count-writes', name, side],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (error !== undefined || status !== 0) return undefined;
  const lines = readFileSync(log, 'utf8').split('\n');
  rmSync(log);
  const start = lines.findIndex((line) => line.includes(START));
  const end = lines.findIndex((line) => line.includes(END));
  return start < 0 || end < start ? undefined : lines.slice(start, end).filter((line) => /\bf(?:data)?sync\(/.test(line)).length;
}

async function countBytes(candidate: Candidate, times: number): Promise<number | undefined> {
  await candidate.prepare?.(times);
  const before = bytesWritten();
  await candidate.run(times);
  const after = bytesWritten();
  await candidate.check?.(times);
  return before === undefined || after === undefined ? undefined : after - before;
}

/** Linux only (proc(5), /proc/pid/io). */
function bytesWritten(): number | undefined {
  try {
    const [, count] = /^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'latin1')) ?? [];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
