import { join } from 'node:path';
import { fromUtf8, utf8 } from '../../foundation/bytes.js';
import type { LogKeyStore, SignedCheckpoint } from '../../log/ports.js';
import type { OpenState } from '../open-state.js';
import { assertSigned, sizeInNote } from '../rows/log-rows.js';
import { isOpenToOthers } from './file-checks.js';
import { namesIn } from './private-directories.js';
import { staleNames } from './leftover-keys.js';
import { isTemporary, readPrivateFile, removeFile, writeOnce } from './private-files.js';
import { storeBusy, storeIntegrity } from './store-errors.js';

const KEY = 'key';
/** The operator's own: the policy under which the command line publishes. */
const WITNESSES = 'witnesses';
/** What was signed after so many leaves; without `after-` what an operator put there as the newest, or an earlier release. */
const SIGNED = /^(after-)?(0|[1-9]\d{0,15})\.checkpoint$/;
/** What a killed writer left. */
const UNFINISHED = /^after-(\d{1,16})\.checkpoint\..*\.tmp$/;

interface SignedFile {
  readonly name: string;
  /** The size it goes on from; of a file by hand, its own. */
  readonly from: number;
  readonly byHand: boolean;
}

/**
 * `keys/log/key`, and `keys/log/after-<size>.checkpoint` for what was signed last: the name is the compare-and-swap, because of two that go on
 * from one checkpoint only one can make it. A file is written whole and once; the one before goes when the next is there, so a crash leaves
 * two at worst. `<size>.checkpoint` is what an operator knows from outside to be the newest. Back up the key apart from the register; never put
 * an older `.checkpoint` back.
 */
export class LogKeyFiles implements LogKeyStore {
  readonly #directory: string;
  readonly #state: OpenState;

  /** The directory exists. */
  constructor(directory: string, state: OpenState) {
    this.#directory = directory;
    this.#state = state;
  }

  async key(): Promise<string | undefined> {
    this.#state.assertOpen();
    return this.#read(KEY);
  }

  async putKey(key: string): Promise<void> {
    this.#state.assertOpen();
    writeOnce(join(this.#directory, KEY), utf8(key));
  }

  async signed(): Promise<SignedCheckpoint | undefined> {
    this.#state.assertOpen();
    const last = this.#files().at(-1);
    if (last === undefined) return undefined;
    const note = this.#read(last.name);
    if (note === undefined) throw storeBusy('a later checkpoint was signed meanwhile');
    return { size: last.byHand ? last.from : sizeIn(note), note };
  }

  async putSigned(checkpoint: SignedCheckpoint, after: number): Promise<SignedCheckpoint> {
    this.#state.assertOpen();
    assertSigned(checkpoint, after);
    const name = `after-${after}.checkpoint`;
    this.#assertNoneAfter(after);
    writeOnce(join(this.#directory, name), utf8(checkpoint.note));
    // The first of this name may have been removed in between, and only for a later one: which is not removed before a still later one is there.
    this.#assertNoneAfter(after);
    const note = this.#read(name);
    if (note === undefined) throw storeBusy('a later checkpoint was signed meanwhile');
    this.#removeBefore(after);
    return { size: sizeIn(note), note };
  }

  async check(): Promise<readonly { readonly store: string; readonly problem: string }[]> {
    this.#state.assertOpen();
    const problems: string[] = [];
    const names = namesIn(this.#directory);
    if ([this.#directory, ...names.map((name) => join(this.#directory, name))].some(isOpenToOthers))
      problems.push('others may read the log’s key or enter its directory');
    // A young one may be in the making; `clearLeftovers` removes it in its time.
    if (staleNames(this.#directory).length > 0) problems.push('an unfinished file was left by a crash; the next publication removes it');
    if (names.some((name) => name !== KEY && name !== WITNESSES && !SIGNED.test(name) && !isTemporary(name)))
      problems.push('something that is no key lies in the log’s key directory');
    return problems.map((problem) => ({ store: 'log', problem }));
  }

  /** What was signed before that, and what killed writers of it left; never what another signs at this moment. */
  #removeBefore(after: number): void {
    const earlier = this.#files().filter(({ from, byHand }) => from < after || (byHand && from === after));
    const unfinished = namesIn(this.#directory).filter((name) => Number(UNFINISHED.exec(name)?.[1]) < after);
    for (const name of [...earlier.map((file) => file.name), ...unfinished]) removeFile(join(this.#directory, name));
  }

  #assertNoneAfter(size: number): void {
    if (this.#files().some(({ from }) => from > size)) throw storeBusy('a later checkpoint was signed meanwhile');
  }

  /** In the order of signing. */
  #files(): SignedFile[] {
    const files = namesIn(this.#directory).flatMap((name) => {
      const found = SIGNED.exec(name);
      return found === null ? [] : [{ name, from: Number(found[2]), byHand: found[1] === undefined }];
    });
    return files.sort((a, b) => a.from - b.from || Number(b.byHand) - Number(a.byHand));
  }

  #read(name: string): string | undefined {
    const bytes = readPrivateFile(join(this.#directory, name));
    try {
      return bytes && fromUtf8(bytes);
    } catch {
      throw storeIntegrity('a file of the log’s key is damaged');
    }
  }
}

function sizeIn(note: string): number {
  const size = sizeInNote(note);
  if (size === undefined) throw storeIntegrity('a file of the log’s key is damaged');
  return size;
}
