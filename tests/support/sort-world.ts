import { createCustody } from '../../src/custodian.js';
import { equalBytes, toHex } from '../../src/foundation/bytes.js';
import { systemRandom } from '../../src/foundation/random.js';
import { makeSubmission, rewrapSubmission } from '../../src/intake.js';
import { findClaim, makeRequest, type Wish } from '../../src/person.js';
import { inboxRows } from '../../src/registry/accept.js';
import type { RegistryContext } from '../../src/registry/context.js';
import { currentPublicKeys } from '../../src/registry/epochs.js';
import { withOpenedShreds } from '../../src/registry/kek.js';
import { silentLogger } from '../../src/registry/logger.js';
import type { OpenOutcome } from '../../src/registry/open-many.js';
import type { OpenedSubmission } from '../../src/registry/open-submission.js';
import { inlineOpener } from '../../src/registry/opener.js';
import type { Stores } from '../../src/registry/stores.js';
import type { InboxRow } from '../../src/sealed/ports.js';
import { nodeBackend } from '../../src/sqlite.js';
import { createMemoryStores, fixedClock } from '../../src/testing.js';
import { makePolicy } from '../../src/vocabulary/policy.js';

export const START = Date.UTC(2026, 10, 21, 9);

/** What is sealed and opened once, for thousands of worlds. */
export interface Sealed {
  readonly people: readonly OpenedSubmission[];
  /** Of each person in order, then the first person's once more in another wrapping. */
  readonly rows: readonly InboxRow[];
  /** What is asked, in order. */
  readonly requests: readonly InboxRow[];
  context(stores: Stores): RegistryContext;
  /** Empty stores whose epoch key opens nothing: the opener remembers. */
  stores(): Promise<Stores>;
}

/** Registrations of so many people with phrases, and what some of them ask; under `tiny`, so that each sort takes what is there. */
export async function sealOnce(people: number, wishes: readonly { readonly person: number; readonly wish: Wish }[] = []): Promise<Sealed> {
  const { keys: custody } = await createCustody({ quorum: 2, custodians: 2 });
  const clock = fixedClock(START);
  const settings = { custody, policy: makePolicy('tiny', ['party']) };
  const outcomes = new Map<string, OpenOutcome>();
  const base = {
    settings,
    clock,
    random: systemRandom,
    backend: nodeBackend,
    logger: silentLogger,
    origin: 'interleaved.example',
    cosigned: new Map(),
  };
  const opener = {
    open: async (jobs: readonly InboxRow[]) => jobs.map(({ id }) => outcomes.get(toHex(id)) ?? 'failed'),
    close: async () => undefined,
  };
  const context = (stores: Stores): RegistryContext => ({ ...base, stores, opener }) as unknown as RegistryContext;

  const first = context(createMemoryStores());
  const publicKeys = await currentPublicKeys(first);
  const options = { clock, backend: nodeBackend };
  const made = Array.from({ length: people }, (_, i) =>
    makeSubmission(
      { identity: { names: [`Person ${i}`] }, statement: { alias: 'jin fu', categories: ['party'], evidence: 'contact' }, claim: 'words' },
      publicKeys,
      options,
    ),
  );
  const again = rewrapSubmission((made[0] as (typeof made)[number]).inner, publicKeys, options);
  const rows = await inboxRows(first, [...made.map(({ bytes }) => bytes), again]);
  const epoch = (rows[0] as InboxRow).epoch;
  const epochKey = (await first.stores.keys.epochKey(epoch)) as Uint8Array;
  const open = async (some: readonly InboxRow[]): Promise<readonly OpenOutcome[]> => {
    const opened = await inlineOpener({ backend: nodeBackend }).open(some, new Map([[epoch, epochKey]]), settings);
    for (const [i, { id }] of some.entries()) outcomes.set(toHex(id), opened[i] as OpenOutcome);
    return opened;
  };
  const opened = (await open(rows)).slice(0, people) as OpenedSubmission[];
  const asked = wishes.map(async ({ person, wish }) => {
    const phrase = made[person]?.claim?.reveal() as string;
    const claim = await findClaim(phrase, async () => opened[person]?.inner.claimRow as Uint8Array);
    return makeRequest(claim, wish, publicKeys, options).bytes;
  });
  const requests = await inboxRows(first, await Promise.all(asked));
  await open(requests);
  return {
    people: opened,
    rows,
    requests,
    context,
    stores: async () => {
      const stores = createMemoryStores();
      await stores.keys.putEpochKey(epoch, epochKey, epochKey, epoch + 7);
      return stores;
    },
  };
}

/** What is not exactly once everything, of people whose submissions came in and were sorted. Empty: all is well. */
export async function misplaced({ people, context }: Sealed, stores: Stores): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [i, { inner, entryId, recordDigest, statementDigest }] of people.entries()) {
    const vault = await stores.vault.get(inner.recordId);
    const shred = await stores.shred.get(inner.recordId);
    const plain = shred && (await withOpenedShreds(context(stores), [shred], (open) => open(shred)));
    const [statement] = (await stores.public.digests([entryId])).values();
    const claim = await stores.claims.get(inner.locator);
    if (vault === undefined || !equalBytes(vault.digest, recordDigest)) problems.push(`${i} has no record`);
    if (plain === undefined || !equalBytes(plain, inner.shred)) problems.push(`${i} has no shred`);
    if (statement === undefined || !equalBytes(statement, statementDigest)) problems.push(`${i} has no entry`);
    if (claim === undefined || !equalBytes(claim, inner.claimRow)) problems.push(`${i} has no claim row`);
  }
  const shreds = [...(await stores.shred.generations()).values()].reduce((sum, n) => sum + n, 0);
  const published = (await stores.public.state()).counters.get('statements') ?? 0;
  const counts = [await stores.vault.count(), shreds, (await stores.public.poolSize()) + published, await stores.claims.count()];
  if (counts.some((n) => n !== people.length)) problems.push(`${counts.join(', ')} rows`);
  if ((await stores.inbox.waiting()).count > 0) problems.push('something still waits');
  if ((await stores.inbox.quarantineSize()) > 0) problems.push('something true is in quarantine');
  return problems;
}
