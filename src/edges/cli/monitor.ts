import { type ExportReader, verifyNewer } from '../../verify.js';
import { usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import { nativeSha256, sourceOf } from './export-source.js';
import { readState, stateText, writeDurably, writeEvidence } from './monitor-state.js';
import { printJson } from './print.js';
import { printReport, replayed, reportJson } from './replay-export.js';
import { trustFor, withSteadyExport, withVerdict } from './verdict.js';

export const monitor: Command = {
  name: 'monitor',
  summary: 'check that a register only grows since the last look, and is right',
  usage: ['monitor DIR|URL --state FILE [--key VKEY] [--witnesses FILE [--max-age DAYS]] [--explain]'],
  details: [
    '--state      remembers the last checkpoint and the key; made by the first look. Keep it: it is what a log cannot take back',
    'Run it every day, from more than one place. Exit codes: 0 it grew and is right, 1 it could not be read, 3 alarm.',
  ],
  options: { state: 'text', key: 'text', witnesses: 'text', 'max-age': 'text', explain: 'flag' },
  operands: { least: 1, most: 1 },
  run: (args, shell) =>
    withVerdict(args, shell, async () => {
      const path = args.need('state');
      const source = await sourceOf(args.operands[0] ?? '');
      if ('file' in source) throw usageError('monitor takes a folder or an address');
      const before = await readState(path);
      const trust = await trustFor(source.reader, args, shell, before?.key);
      if (before !== undefined && before.key !== trust.key) throw usageError('--state is of a log with another key');

      let proof: string | undefined;
      const check = async (reader: ExportReader) => {
        if (before !== undefined) {
          try {
            await verifyNewer(reader, trust, before.checkpoint, { sha256: nativeSha256, onFork: (found) => (proof = found) });
          } catch (error) {
            if (proof !== undefined) {
              await writeEvidence(path, proof);
              shell.output.err(FORK.join(''));
            }
            throw error;
          }
        }
        return replayed(reader, trust, args, shell);
      };
      const report = await withSteadyExport(source.reader, check, () => proof !== undefined);
      await writeDurably(path, stateText({ key: trust.key, checkpoint: report.checkpoint.note }));
      if (args.flag('json')) printJson(shell.output, { first: before === undefined, ...(reportJson(report) as object) });
      else {
        shell.output.out(before === undefined ? 'First look; from now on it can only grow.\n' : 'It continues what was seen before.\n');
        printReport(report, args, shell);
      }
      return EXIT.ok;
    }),
};

const FORK = [
  'ALARM: the log’s key has signed two histories that contradict each other.\n',
  'The proof lies beside the state file, with .fork at the end of its name. It needs no trust in you: give copies to the\n',
  'other monitors, the witnesses, the custodians and the public. Trust no count of this register until it is explained.\n',
];
