import { nobleBackend } from '../../../src/foundation/noble-backend.js';
import { publicKeyOfSeed, signMessage } from '../../../src/foundation/ed25519.js';
import { toHex } from '../../../src/foundation/bytes.js';
import { changeMessage } from '../../../src/public/change.js';
import { type Entry, entryFromRow } from '../../../src/public/entry.js';
import { decodeLeaf, type Leaf } from '../../../src/public/leaf.js';
import { encodeStatement, type Statement, statementDigest } from '../../../src/public/statement.js';
import type { RegistryContext } from '../../../src/registry/context.js';
import { applyEntryRequests } from '../../../src/registry/entry-requests.js';
import { silentLogger } from '../../../src/registry/logger.js';
import { publishBatch } from '../../../src/registry/publish.js';
import type { EntryOperation, SignedRequest } from '../../../src/submit/request-format.js';
import { createMemoryStores, fixedClock, seededRandom } from '../../../src/testing.js';
import { cellKey } from '../../../src/vocabulary/categories.js';
import { type EntryId, idOfPublicKey, idToHex } from '../../../src/vocabulary/ids.js';
import { makePolicy } from '../../../src/vocabulary/policy.js';
import type { ChangeKind } from '../../../src/vocabulary/words.js';

export const START = Date.UTC(2026, 10, 21, 9);
const KINDS: Partial<Record<EntryOperation, ChangeKind>> = {
  amend: 'text',
  'show-name': 'name',
  retract: 'retraction',
  'remove-content': 'removal',
};

/** Somebody with an entry and its key, as `./person` would have them. */
export interface Holder {
  readonly seed: Uint8Array;
  readonly id: Uint8Array;
  readonly entryId: EntryId;
}

/** A registry's context over memory stores, with the public side only: entries are put into the pool, requests come as the sort opens them. */
export function entryWorld(stores = createMemoryStores()) {
  const clock = fixedClock(START);
  const random = seededRandom('entry world');
  const policy = makePolicy('tiny', ['party', 'league']);
  const context = {
    stores,
    settings: { policy },
    clock,
    random,
    backend: nobleBackend,
    logger: silentLogger,
  } as unknown as RegistryContext;
  let requests = 0;

  const addHolder = async (seedByte: number, change: Partial<Statement> = {}): Promise<Holder> => {
    const seed = new Uint8Array(32).fill(seedByte);
    const publicKey = publicKeyOfSeed(seed);
    const id = idOfPublicKey(publicKey);
    const statement: Statement = {
      name: 'jin fu',
      display: 'alias',
      categories: ['party'],
      text: 'I leave.',
      evidence: 'contact',
      origin: 'live',
      period: '2026-11',
      entryKey: toHex(publicKey),
      ...change,
    };
    const salt = new Uint8Array(32).fill(seedByte + 1);
    const item = { id, dueDay: 0, cell: cellKey(statement.categories), digest: statementDigest(statement, salt), salt };
    await stores.public.addToPool([{ ...item, statement: encodeStatement(statement) }]);
    return { seed, id, entryId: idToHex(id) };
  };

  const ask = ({ seed }: Holder, operation: EntryOperation, number = 0, value = ''): SignedRequest => {
    const publicKey = publicKeyOfSeed(seed);
    const kind = KINDS[operation];
    const isAmendment = kind === 'text' || kind === 'name';
    const salt = isAmendment ? random.bytes(32) : new Uint8Array(32);
    const message = kind && changeMessage({ kind, entryPublicKey: publicKey, number, salt, value });
    const changeSignature = message === undefined ? new Uint8Array(64) : signMessage(message, seed);
    const mailbox = new Uint8Array(32).fill(++requests);
    return { operation, number, mailbox, replyKey: mailbox, salt, value, changeSignature, publicKey };
  };

  const leaves = async (): Promise<readonly Leaf[]> => {
    const all: Leaf[] = [];
    for await (const { bytes } of stores.public.leaves(0)) all.push(decodeLeaf(bytes));
    return all;
  };

  return {
    context,
    stores,
    clock,
    addHolder,
    ask,
    send: (...some: readonly SignedRequest[]) => applyEntryRequests(context, some),
    publish: () => publishBatch(context, {}),
    publishNow: () => publishBatch(context, { now: true }),
    /** Leaves of changes, in log order. */
    changes: async () => (await leaves()).filter(({ type }) => type !== 'tally' && type !== 'statement'),
    leaves,
    entry: async ({ id }: Holder): Promise<Entry | undefined> => {
      const row = await stores.public.entry(id);
      return row && entryFromRow(row);
    },
  };
}
