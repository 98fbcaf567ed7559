import { closeSync, cpSync, fsyncSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeBackend } from '../../../src/backends/node.js';
import { type Custody, createCustody } from '../../../src/custodian.js';
import { type Injected, makePolicy, openRegistry, type Registry } from '../../../src/index.js';
import { makeSubmission } from '../../../src/intake.js';
import { fixedClock } from '../../../src/testing.js';
import { must } from '../harness.js';
import { CATEGORIES, registrationOf } from './people.js';

const START = Date.UTC(2026, 10, 21, 9);

/**
 * The folders and the sealed submissions that several cases share. Everything is made when first asked for: `--only` pays for one case.
 * The clock stands still, so that no run crosses a day's border.
 */
export class Workshop {
  readonly root = mkdtempSync(join(tmpdir(), 'cryptonym-bench-'));
  readonly clock = fixedClock(START);
  readonly #opened = new Set<Registry>();
  readonly #submissions: Uint8Array[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  #custody: Promise<Custody> | undefined;
  #blank: Promise<string> | undefined;
  #serial = 0;

  custody(): Promise<Custody> {
    this.#custody ??= createCustody({ quorum: 3, custodians: 5 });
    return this.#custody;
  }

  /** A new path inside the root. */
  path(): string {
    return join(this.root, `f${this.#serial++}`);
  }

  /** A fresh registry in a folder of its own. */
  async blankCopy(): Promise<string> {
    this.#blank ??= this.#makeBlank();
    return this.copy(await this.#blank);
  }

  /** A copy of a closed registry, already on the disk: else the first fsync of a measurement would pay for the copying. */
  copy(folder: string): string {
    const target = this.path();
    cpSync(folder, target, { recursive: true, preserveTimestamps: true });
    for (const found of readdirSync(target, { recursive: true, withFileTypes: true })) {
      if (!found.isFile()) continue;
      const file = openSync(join(found.parentPath, found.name), 'r');
      fsyncSync(file);
      closeSync(file);
    }
    return target;
  }

  async open(folder: string, injected: Injected = {}): Promise<Registry> {
    const registry = await openRegistry({ dir: folder }, { clock: this.clock, ...injected });
    this.#opened.add(registry);
    return registry;
  }

  async discard(registry: Registry, folder: string): Promise<void> {
    await this.shut(registry);
    rmSync(folder, { recursive: true });
  }

  /** Closes and keeps the folder. */
  async shut(registry: Registry): Promise<void> {
    await registry.close();
    this.#opened.delete(registry);
  }

  /** The first `count` submissions, sealed to the blank registry's keys; all copies of it take and open them. */
  async submissions(count: number): Promise<readonly Uint8Array[]> {
    if (this.#submissions.length < count) {
      const folder = await this.blankCopy();
      const registry = await this.open(folder);
      const keys = await registry.publicKeys();
      while (this.#submissions.length < count) {
        const made = makeSubmission(registrationOf(this.#submissions.length), keys, { clock: this.clock, backend: nodeBackend });
        this.#submissions.push(made.bytes);
      }
      await this.discard(registry, folder);
    }
    return this.#submissions.slice(0, count);
  }

  /** A closed registry in whose inbox `count` submissions wait. */
  async withInbox(count: number): Promise<string> {
    const folder = await this.blankCopy();
    const registry = await this.open(folder);
    await registry.acceptMany(await this.submissions(count));
    must((await registry.health()).inbox.waiting === count, 'submissions are missing in the inbox');
    await this.shut(registry);
    return folder;
  }

  /** What a case leaves running. */
  onClose(work: () => Promise<void>): void {
    this.#closers.push(work);
  }

  async close(): Promise<void> {
    for (const work of this.#closers) await work();
    for (const registry of this.#opened) await registry.close();
    rmSync(this.root, { recursive: true });
  }

  async #makeBlank(): Promise<string> {
    const folder = this.path();
    const { keys } = await this.custody();
    const registry = await openRegistry({ dir: folder, keys, policy: makePolicy('tiny', CATEGORIES) }, { clock: this.clock });
    await registry.close();
    return folder;
  }
}
