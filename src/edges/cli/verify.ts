import { decodeProofBundle, leafHash, type Leaf, replay, type ReplayReport, verifyProof } from '../../verify.js';
import { type Arguments, usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import { nativeSha256, sourceOf } from './export-source.js';
import { ImportProgress } from './import-progress.js';
import { printFacts, printJson } from './print.js';
import { fileBytes, readText } from './read-input.js';
import type { Shell } from './shell.js';
import { keyOfExport, trustOf, withSteadyExport, withVerdict } from './verdict.js';
import { isForkProof, reportFork } from './verify-fork.js';

const MAX_PROOF_BYTES = 256 * 1024;

export const verify: Command = {
  name: 'verify',
  summary: 'check a proof, or recompute a whole register from its export',
  usage: ['verify PROOF|DIR|URL [--key VKEY] [--witnesses FILE [--max-age DAYS]] [--explain]'],
  details: [
    'PROOF        a file of the folder batch, or one made by somebody else (C2SP tlog-proof); or a proof of a fork (….fork)',
    'DIR, URL     a static export: every leaf, content, proof and count is recomputed',
    '--key        the verifier key of the log, from somewhere else than the export itself',
    '--witnesses  a C2SP tlog-policy: who must have cosigned',
    '--max-age    … and not longer ago than so many days: a register that is shown as it was once is refused; nor in the future',
    '--explain    what was checked, with the hashes',
    'Exit codes: 0 it is right, 1 it could not be read, 3 it is wrong.',
  ],
  options: { key: 'text', witnesses: 'text', 'max-age': 'text', explain: 'flag' },
  operands: { least: 1, most: 1 },
  run: (args, shell) =>
    withVerdict(args, shell, async () => {
      const source = await sourceOf(args.operands[0] ?? '');
      if ('file' in source) return verifyFile(source.file, args, shell);
      const trust = (await trustOf(args, undefined, shell)) ?? (await trustOf(args, await keyOfExport(source.reader, shell), shell));
      if (trust === undefined) throw usageError('--key is missing');
      const report = await withSteadyExport(source.reader, (reader) => replayed(reader, trust, args, shell));
      if (args.flag('json')) printJson(shell.output, reportJson(report));
      else printReport(report, args, shell);
      return EXIT.ok;
    }),
};

/** `replay` with a bar for whoever watches and, where asked for, what was checked. */
export async function replayed(
  reader: Parameters<typeof replay>[0],
  trust: Parameters<typeof replay>[1],
  args: Arguments,
  { output }: Shell,
): Promise<ReplayReport> {
  let progress: ImportProgress | undefined;
  try {
    return await replay(reader, trust, {
      sha256: nativeSha256,
      onProgress: (done, total) => {
        if (!output.isTTY) return;
        progress ??= new ImportProgress(output, total, undefined, 'leaves');
        progress.show(done, 0);
      },
      ...(args.flag('explain') && !args.flag('json') ? { explain: (line) => output.out(`${line}\n`) } : {}),
    });
  } finally {
    progress?.end();
  }
}

/** The sentence; with `--explain` also what it does not say. */
export function printReport({ sentence, contents, withheld, signatures }: ReplayReport, args: Arguments, { output }: Shell): void {
  if (args.flag('explain'))
    printFacts(output, [
      ['contents that are those of the log', contents],
      ['withheld, each by a removal in the log', withheld],
      ['changes with a good signature of the holder', signatures],
    ]);
  output.out(`${sentence}\n`);
}

export function reportJson({ checkpoint, ...report }: ReplayReport): unknown {
  const { origin, size, root, witnesses } = checkpoint;
  return { ok: true, ...report, checkpoint: { origin, size, root: hexOf(root), witnesses } };
}

async function verifyFile(path: string, args: Arguments, shell: Shell): Promise<number> {
  const { output } = shell;
  const trust = await trustOf(args, undefined, shell);
  if (trust === undefined) throw usageError('--key is missing: a proof alone cannot say whose log it is');
  const text = await readText(fileBytes(path, 'PROOF'), MAX_PROOF_BYTES, 'PROOF_INVALID');
  if (isForkProof(text)) return reportFork(text, trust, args.flag('json'), output);
  const { index, size, record, leaf, checkpoint } = await verifyProof(text, trust, undefined, { sha256: nativeSha256 });
  const { origin, root, witnesses } = checkpoint;
  if (args.flag('json')) {
    printJson(output, { ok: true, index, size, leaf, checkpoint: { origin, size, root: hexOf(root), witnesses } });
    return EXIT.ok;
  }
  output.out(`Leaf ${index}, ${whatIs(leaf)}, lies in the log ${origin} of ${size} leaves.\n`);
  if (args.flag('explain'))
    printFacts(output, [
      ['leaf', new TextDecoder().decode(record)],
      ['its hash', hexOf(leafHash(record))],
      ...decodeProofBundle(text).proof.map((hash, i) => [`with ${i + 1}`, hexOf(hash)] as const),
      ['gives the root', hexOf(root)],
      ...witnesses.map(({ name, time }) => ['witness', `${name}, ${new Date(time * 1000).toISOString()}`] as const),
    ]);
  return EXIT.ok;
}

function whatIs(leaf: Leaf): string {
  if (leaf.type === 'tally') return `the tally of batch ${leaf.batch} on ${leaf.date}`;
  return leaf.type === 'statement' ? `a statement of batch ${leaf.batch}` : `a ${leaf.type} of number ${leaf.entry} in batch ${leaf.batch}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
