import type { ExportReader, LogTrust } from '../../verify.js';
import type { Arguments } from './arguments.js';
import { absence, type EntryVerdict } from './entry-verdict.js';
import { entryFinder } from './published-entry.js';
import { replayed } from './replay-export.js';
import type { Shell } from './shell.js';

/** Replays the export and looks for one entry in what was checked. Throws as `replay`. */
export async function entryById(
  reader: ExportReader,
  trust: LogTrust,
  { entryId, latest }: Pick<EntryVerdict, 'entryId' | 'latest'>,
  args: Arguments,
  shell: Shell,
): Promise<EntryVerdict> {
  const finder = entryFinder(reader, entryId);
  const { checkpoint, counts } = await replayed(finder.reader, trust, args, shell);
  const found = await finder.find(checkpoint.size);
  const { asOf } = counts;
  const about = { entryId, latest, asOf, byId: true };
  return found === undefined
    ? { ...about, status: absence(latest, asOf, shell), differs: [] }
    : { ...about, status: 'published', ...found };
}
