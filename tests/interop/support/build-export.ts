import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cosign } from '../../../src/log/cosignature.js';
import { parseNote } from '../../../src/log/note.js';
import { encodeProofBundle } from '../../../src/log/proof-bundle.js';
import { proveInclusion } from '../../../src/log/prove.js';
import { addSignatures } from '../../../src/log/sign-note.js';
import { encodeEntryBundle, entriesPath, pathOfIndex, TILE_WIDTH, tilePath } from '../../../src/log/tile.js';
import { testLog, texts, type TestLog, witnessKey } from '../../support/test-log.js';

export interface BuiltExport {
  readonly log: TestLog;
  readonly witnesses: readonly string[];
  readonly checkpoint: string;
}

/** The log's part of an export, as docs/spec/export.md lays it out: checkpoint, tiles, entry bundles, one proof a batch. Another `word`, another history. */
export async function buildExport(dir: string, batches: readonly number[], seconds: number, word = 'batch'): Promise<BuiltExport> {
  const log = testLog();
  const witnesses = [witnessKey('witness.example/a', 11), witnessKey('witness.example/b', 12)];
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  let checkpoint = '';
  for (const [i, size] of batches.entries()) {
    const tally = log.size;
    await log.append(...texts(size, `${word} ${i + 1}`));
    const note = log.note();
    const { text } = parseNote(note);
    checkpoint = addSignatures(
      note,
      witnesses.map(({ signer }) => cosign(text, signer, seconds + i)),
    );
    const bundle = encodeProofBundle({ index: tally, proof: await proveInclusion(log.reader, tally, log.size), checkpoint });
    write(`batch/${pathOfIndex(i + 1)}.tlog-proof`, bundle);
  }
  for (const { level, index, hashes } of log.tiles()) write(tilePath({ level, index, width: hashes.length / 32 }), hashes);
  for (let index = 0; index * TILE_WIDTH < log.size; index++) {
    const records = log.records.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    write(entriesPath(index, records.length), encodeEntryBundle(records));
  }
  write('checkpoint', checkpoint);
  return { log, witnesses: witnesses.map(({ vkey }) => vkey), checkpoint };
}
