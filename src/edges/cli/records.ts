import type { Registry } from '../../index.js';
import { type Arguments, usageError } from './arguments.js';
import { type Command, EXIT } from './command.js';
import { areApart, realPlace } from './place.js';
import { printJson } from './print.js';
import { sealedRecordOf, writeRecordFile } from './record-file.js';
import { type Shell, withRegistry } from './shell.js';

export const records: Command = {
  name: 'records',
  summary: 'ids of the sealed records, or one record as a file for the custodians',
  usage: ['records --dir D', 'records --dir D --record ID --out F'],
  details: [
    'The ids come in their own order, which is random: it tells nothing about who came first.',
    '--record ID --out F   writes this record, sealed as it is, to a new file F for its owner only. The custodians open it on their own station,',
    '                      where no registry is: cryptonym open --record-file F --shares …',
    'Such a file holds the shred: a quorum can open it for as long as it exists. Destroy it after use; an erasure does not reach it.',
  ],
  options: { dir: 'text', record: 'text', out: 'text' },
  run: async (args, shell) => {
    const dir = args.need('dir');
    const file = fileOf(args, dir);
    return withRegistry(dir, shell, async (registry) => {
      if (file === undefined) await list(registry, args, shell);
      else await write(registry, file, args, shell);
      return EXIT.ok;
    });
  },
};

interface Wanted {
  readonly record: string;
  readonly out: string;
}

function fileOf(args: Arguments, dir: string): Wanted | undefined {
  if (args.text('record') === undefined && args.text('out') === undefined) return undefined;
  const [record, out] = [args.need('record'), realPlace(args.need('out'))];
  // A backup of the registry would keep a shred that an erasure does not reach.
  if (!areApart(realPlace(dir), out)) throw usageError('--out must lie apart from the registry');
  return { record, out };
}

async function list(registry: Registry, args: Arguments, { output }: Shell): Promise<void> {
  const json = args.flag('json');
  let separator = '';
  if (json) output.out('{"records":[');
  for await (const id of registry.sealed.ids()) {
    output.out(json ? `${separator}"${id}"` : `${id}\n`);
    separator = ',';
    if ((await output.drain?.()) === false) break;
  }
  if (json) output.out(']}\n');
}

async function write(registry: Registry, { record, out }: Wanted, args: Arguments, { output }: Shell): Promise<void> {
  const sealed = await sealedRecordOf(registry, record);
  const bytes = writeRecordFile(out, sealed);
  if (args.flag('json')) printJson(output, { recordId: sealed.recordId, bytes, holdsShred: true });
  else {
    output.out('The sealed record is in the file. Next, at the custodians’ station: cryptonym open --record-file F --shares …\n');
    output.out('The file holds the shred. Destroy it after use; an erasure does not reach it.\n');
  }
}
