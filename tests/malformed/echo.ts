import { COLUMNS } from '../../src/edges/cli/csv-columns.js';
import { sourcesBelow } from '../checks/sources.js';

const RUN = 6;
/** What the library itself can say: names of its fields, its formats, its rules. */
const OWN_TEXT = [...sourcesBelow('src').values(), COLUMNS.join(', ')].join('\n');

/**
 * The first run of 6 bytes of an input that a message repeats, as characters, hex or base64; undefined if there is none. Runs that the
 * library's own source holds are its words and not the input's. What would be gained otherwise: whoever reads logs reads names.
 */
export function echoOf(input: Uint8Array, said: string): string | undefined {
  if (input.length < RUN) return undefined;
  const bytes = Buffer.from(input);
  return (
    firstRun(bytes, said, RUN) ??
    firstRun(Buffer.from(bytes.toString('hex')), said, 2 * RUN) ??
    firstRun(Buffer.from(bytes.toString('base64')), said, (4 * RUN) / 3)
  );
}

function firstRun(input: Buffer, said: string, length: number): string | undefined {
  const heard = Buffer.from(said);
  for (let at = 0; at + length <= heard.length; at++) {
    const run = heard.subarray(at, at + length);
    if (input.includes(run) && !isOurs(run.toString())) return run.toString();
  }
  return undefined;
}

/** Words of the library, also around one small number: `custodian 12` is said to be damaged, and stands in the file that is. */
function isOurs(run: string): boolean {
  const words = run.split(/\b\d{1,3}\b/);
  return words.length <= 2 && words.every((part) => OWN_TEXT.includes(part));
}
