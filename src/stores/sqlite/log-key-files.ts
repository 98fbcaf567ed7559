import { join } from 'node:path';
import { fromUtf8, utf8 } from '../../foundation/bytes.js';
import type { LogKeyStore, SignedCheckpoint } from '../../log/ports.js';
import type { OpenState } from '../open-state.js';
import { assertSigned } from '../rows/log-rows.js';
import { isOpenToOthers } from './file-checks.js';
import { namesIn } from './private-directories.js';
import { staleNames } from './leftover-keys.js';
import { isTemporary, readPrivateFile, removeFile, writeOnce } from './private-files.js';
import { storeBusy, storeIntegrity } from './store-errors.js';

const KEY = 'key';
/** The operator's own: the policy under which the command line publishes. */
const WITNESSES = 'witnesses';
const SIGNED = /^([1-9]\d{0,15})\.checkpoint$/;
/** Also what a killed writer left. */
const SIGNED_OR_UNFINISHED = /^([1-9]\d{0,15})\.checkpoint(?:$|\..*\.tmp$)/;

/**
 * `keys/log/key`, and `keys/log/<size>.checkpoint` for what was signed last. A file is written whole and once; the one before goes when the
 * next is there, so a crash leaves two at worst. Back up the key apart from the register; never put an older `.checkpoint` back.
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
    // From the greatest down: another process may remove a smaller one at this moment, never the greatest.
    for (const size of this.#sizes().reverse()) {
      const note = this.#read(fileOf(size));
      if (note !== undefined) return { size, note };
    }
    return undefined;
  }

  async putSigned(checkpoint: SignedCheckpoint): Promise<SignedCheckpoint> {
    this.#state.assertOpen();
    assertSigned(checkpoint);
    const { size, note } = checkpoint;
    this.#assertGreatest(size);
    writeOnce(join(this.#directory, fileOf(size)), utf8(note));
    // The first of this size may have been removed in between, and only for a greater one: which is never removed.
    const greatest = this.#assertGreatest(size);
    const stored = this.#read(fileOf(size));
    if (stored === undefined) throw storeBusy('a greater checkpoint was signed meanwhile');
    for (const name of namesIn(this.#directory))
      if (Number(SIGNED_OR_UNFINISHED.exec(name)?.[1]) < greatest) removeFile(join(this.#directory, name));
    return { size, note: stored };
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

  #assertGreatest(size: number): number {
    const greatest = this.#sizes().at(-1) ?? size;
    if (greatest > size) throw storeBusy('a greater checkpoint was signed meanwhile');
    return greatest;
  }

  /** Ascending. */
  #sizes(): number[] {
    const sizes = namesIn(this.#directory).flatMap((name) => SIGNED.exec(name)?.[1] ?? []);
    return sizes.map(Number).sort((a, b) => a - b);
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

function fileOf(size: number): string {
  return `${size}.checkpoint`;
}
