import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IdentityPatterns } from './identity-patterns.js';
import type { Child, Order } from './programs.js';
import { filesBelow, namesBelow, type PatternSet } from './scan.js';

/** What a process leaves behind besides its registry, as bytes to be searched. */
export interface Sink {
  readonly name: string;
  readonly bytes: Buffer;
}

/** `dump` is an empty folder outside the child's own. */
export async function sinksOf(child: Child, home: string, dump: string): Promise<Sink[]> {
  await child.tell({ do: 'dump', folder: dump });
  return [
    { name: 'log and console', bytes: asPrinted(await child.printed()) },
    { name: 'crash report', bytes: bytesOfTexts(textsIn(JSON.parse(readFileSync(join(dump, 'report.json'), 'utf8')))) },
    { name: 'heap snapshot', bytes: heapTexts(dump) },
    { name: 'temporary files', bytes: leftIn(home) },
  ];
}

/** What the platform prints when nobody catches what this order makes the child throw. */
export async function printedAtDeath(child: Child, order: Order): Promise<Sink> {
  await child.tell(order);
  await child.ended();
  return { name: 'uncaught error', bytes: asPrinted(await child.printed()) };
}

/** How many people a sink names, and how many disguises of secrets it shows. */
export function search({ bytes }: Sink, { patterns, peopleOf }: IdentityPatterns, secrets: PatternSet): { people: number; found: number } {
  return {
    people: peopleOf(patterns.scan(bytes).map(({ pattern }) => pattern)),
    found: new Set(secrets.scan(bytes).map(({ pattern }) => pattern)).size,
  };
}

/** Ids in a log: those we know, and whatever looks like one: 16 or more hexadecimal digits. */
export function idsIn(log: Buffer, known: PatternSet): { known: number; alike: number } {
  return {
    known: new Set(known.scan(log).map(({ pattern }) => pattern)).size,
    alike: log.toString('latin1').match(/[0-9a-f]{16}/giu)?.length ?? 0,
  };
}

/** Texts of a heap snapshot: what still lives in the engine. Of bytes outside strings a snapshot holds nothing; s4-intake-memory.test.ts searches those. */
export function heapTexts(dump: string): Buffer {
  const { strings } = JSON.parse(readFileSync(join(dump, 'heap.json'), 'utf8')) as { strings: string[] };
  return bytesOfTexts(strings);
}

/** Names and contents of all that lies below a folder. */
export function leftIn(folder: string): Buffer {
  const contents = filesBelow(folder).flatMap(({ bytes }) => [Buffer.from('\n'), bytes]);
  return Buffer.concat([Buffer.from(namesBelow(folder).join('\n')), ...contents]);
}

/** Also without white space: a log breaks lines, and columns of numbers are padded. */
export function asPrinted(printed: Buffer): Buffer {
  const closed = Buffer.from(printed.toString('latin1').replace(/[ \t\r\n]+/gu, ''), 'latin1');
  return Buffer.concat([printed, Buffer.from('\n'), closed]);
}

export interface Ran {
  readonly failed: boolean;
  readonly printed: Buffer;
}

/** A program as somebody runs it; its home, working directory and folder for temporary files are one. */
export function runProgram(argv: readonly string[], home: string, input = ''): Ran {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: home, env, input });
  return { failed: status !== 0, printed: Buffer.concat([stdout, stderr]) };
}

/** People that programs named in all they printed, and what they left in the folder that was empty. */
export function judgeRuns(
  runs: readonly Ran[],
  home: string,
  { patterns, peopleOf }: IdentityPatterns,
): { people: number; left: string[] } {
  const printed = asPrinted(Buffer.concat(runs.map((ran) => ran.printed)));
  return { people: peopleOf(patterns.scan(printed).map(({ pattern }) => pattern)), left: namesBelow(home) };
}

/** Texts, and beside them what bytes they are where each character stands for one. */
function bytesOfTexts(texts: readonly string[]): Buffer {
  const joined = texts.join('\n');
  return Buffer.concat([Buffer.from(joined), Buffer.from('\n'), Buffer.from(joined, 'latin1')]);
}

/** Keys and texts of a document, as they were before they were escaped. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...textsIn(member)]);
}
