import { decodeProofBundle, leafHash, type Leaf, verifyProof } from '../../verify.js';
import { type Arguments, usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import { entryById } from './entry-by-id.js';
import { latestDate, printVerdict } from './entry-verdict.js';
import { nativeSha256, sourceOf } from './export-source.js';
import { counted, printFacts, printJson } from './print.js';
import { fileBytes, readText } from './read-input.js';
import { hexOf, printReport, replayed, reportJson } from './replay-export.js';
import type { Shell } from './shell.js';
import { exportToCheck, trustFor, trustOf, withSteadyExport, withVerdict } from './verdict.js';
import { isForkProof, reportFork } from './verify-fork.js';

const MAX_PROOF_BYTES = 256 * 1024;

export const verify: Command = {
  name: 'verify',
  summary: 'check a proof, or recompute a whole register from its export, or find one entry in it',
  usage: [
    'verify PROOF|DIR|URL [--key VKEY] [--witnesses FILE [--max-age DAYS]] [--explain]',
    'verify DIR|URL --entry ID [--sealed DATE] [--key VKEY] [--witnesses FILE [--max-age DAYS]]',
  ],
  details: [
    'PROOF        a file of the folder batch, or one made by somebody else (C2SP tlog-proof); or a proof of a fork (….fork)',
    'DIR, URL     a static export: every leaf, content, proof and count is recomputed',
    '--key        the verifier key of the log, from somewhere else than the export itself',
    '--witnesses  a C2SP tlog-policy: who must have cosigned',
    '--max-age    … and not longer ago than so many days: a register that is shown as it was once is refused; nor in the future',
    '--explain    what was checked, with the hashes',
    '--entry      is the entry with this id there? Everything is recomputed first. Whoever made it asks with claim --check, which sees more',
    '--sealed     the day it was registered: before its latest date it need not be there. Without it it must be',
    'Exit codes: 0 it is right, 1 it could not be read, 3 it is wrong.',
  ],
  options: { key: 'text', witnesses: 'text', 'max-age': 'text', explain: 'flag', entry: 'text', sealed: 'text' },
  operands: { least: 1, most: 1 },
  run: (args, shell) =>
    withVerdict(args, shell, async () => {
      const place = args.operands[0] ?? '';
      const entry = entryOf(args);
      if (entry !== undefined) return verifyEntryOf(place, entry, args, shell);
      const source = await sourceOf(place);
      if ('file' in source) return verifyFile(source.file, args, shell);
      const trust = await trustFor(source.reader, args, shell);
      const report = await withSteadyExport(source.reader, (reader) => replayed(reader, trust, args, shell));
      if (args.flag('json')) printJson(shell.output, reportJson(report));
      else printReport(report, args, shell);
      return EXIT.ok;
    }),
};

function entryOf(args: Arguments): string | undefined {
  const entry = args.text('entry');
  if (entry === undefined && args.text('sealed') !== undefined) throw usageError('--sealed goes with --entry');
  if (entry !== undefined && !/^[0-9a-f]{32}$/.test(entry)) throw usageError('--entry is an id of 32 lower-case hex digits');
  return entry;
}

async function verifyEntryOf(place: string, entryId: string, args: Arguments, shell: Shell): Promise<number> {
  const sealed = args.day('sealed');
  const { reader, trust } = await exportToCheck(place, 'verify --entry', args, shell);
  const verdict = await withSteadyExport(reader, async (steady) => {
    const latest = sealed === undefined ? undefined : await latestDate(steady, sealed);
    return entryById(steady, trust, { entryId, latest }, args, shell);
  });
  return printVerdict(verdict, args.flag('json'), shell);
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
  output.out(`Leaf ${index}, ${whatIs(leaf)}, lies in the log ${origin} of ${counted(size, 'leaf', 'leaves')}.\n`);
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
