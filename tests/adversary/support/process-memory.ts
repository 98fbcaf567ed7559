import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { PatternSet } from './scan.js';

const PIECE = 8 * 1024 * 1024;
const OVERLAP = 512;

/** Every readable byte of a running process, as a debugger or a seized machine's memory dump gives it. Linux; the process is stopped meanwhile. */
export function scanProcess(pid: number, patterns: PatternSet): { readonly hits: ReadonlySet<number>; readonly bytes: number } {
  process.kill(pid, 'SIGSTOP');
  const hits = new Set<number>();
  let bytes = 0;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const { from, to } of regionsOf(pid)) {
      for (let at = from; at < to; at += PIECE - OVERLAP) {
        const piece = read(memory, at, Math.min(PIECE, to - at));
        if (piece.length === 0) break;
        bytes += piece.length;
        for (const { pattern } of patterns.scan(piece)) hits.add(pattern);
      }
    }
  } finally {
    closeSync(memory);
    process.kill(pid, 'SIGCONT');
  }
  return { hits, bytes };
}

/** Readable and private or anonymous memory; code mapped from files holds nothing that came later. */
function regionsOf(pid: number): { readonly from: number; readonly to: number }[] {
  return readFileSync(`/proc/${pid}/maps`, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const [, from = '', to = '', access = '', path = ''] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/u.exec(line) ?? [];
      if (!access.startsWith('r') || path === '[vvar]' || path === '[vsyscall]') return [];
      return [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }];
    });
}

function read(file: number, at: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, length, at));
  } catch {
    return Buffer.alloc(0);
  }
}
