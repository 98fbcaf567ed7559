import { replay, type ReplayReport } from '../../verify.js';
import type { Arguments } from './arguments.js';
import { nativeSha256 } from './export-source.js';
import { ImportProgress } from './import-progress.js';
import { printFacts } from './print.js';
import type { Shell } from './shell.js';

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

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
