import { exportFolder } from '../../sqlite.js';
import { type Command, EXIT } from './command.js';
import { ImportProgress } from './import-progress.js';
import { usageError } from './arguments.js';
import { areApart, realPlace } from './place.js';
import { counted, printFacts, printJson } from './print.js';
import { withRegistry } from './shell.js';

export const exportCommand: Command = {
  name: 'export',
  summary: 'write the public side as static files that anybody can check',
  usage: ['export --dir D --out S'],
  details: [
    '--out    a folder of its own: log, counts, contents and proofs, all of it public; an earlier export there is brought up to date',
    'Before S goes to the public, and as every reader can: cryptonym verify S --key KEY   (KEY is what init printed)',
    'It is copied from the registry as it stands there: only verify says whether it is whole.',
  ],
  options: { dir: 'text', out: 'text' },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const out = realPlace(args.need('out'));
    if (!areApart(realPlace(dir), out)) throw usageError('--out must lie apart from the registry: its folder is for the public');
    return withRegistry(dir, shell, async (registry) => {
      let progress: ImportProgress | undefined;
      const report = await registry.log.export(exportFolder(out), {
        onProgress: (done, total) => {
          progress ??= new ImportProgress(shell.output, total, undefined, 'leaves');
          progress.show(done, 0);
        },
      });
      progress?.end();
      if (args.flag('json')) printJson(shell.output, report);
      else if (report.size === 0) shell.output.out('Nothing is published yet.\n');
      else {
        shell.output.out(`Exported the log of ${counted(report.size, 'leaf', 'leaves')}.\n`);
        printFacts(shell.output, [
          ['files written', report.written],
          ['files removed', report.removed],
        ]);
      }
      return EXIT.ok;
    });
  },
};
