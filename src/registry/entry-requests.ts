import type { Reply } from '../claims/reply.js';
import { verifySignature } from '../foundation/ed25519.js';
import { changeMessage } from '../public/change.js';
import type { ProposedChange } from '../public/change-rules.js';
import type { EntryOperation, SignedRequest } from '../submit/request-format.js';
import { idOfPublicKey } from '../vocabulary/ids.js';
import { dateOfDay } from '../vocabulary/period.js';
import type { ChangeKind } from '../vocabulary/words.js';
import { cryptoOptions, type RegistryContext } from './context.js';
import { entryStatusOf } from './entry-status.js';
import { type Outcome, type Proposal, proposeChanges } from './propose-changes.js';

const KINDS: Readonly<Partial<Record<string, ChangeKind>>> = {
  amend: 'text',
  'show-name': 'name',
  retract: 'retraction',
  'remove-content': 'removal',
} satisfies Partial<Record<EntryOperation, ChangeKind>>;

/**
 * Does what the holders of entries ask for. One reply for each request, in order; `undefined` where the registry does not know the entry.
 *
 * The signature of a change is verified here, although the request's own was: the change's signature is what stands on the leaf, and a wrong
 * one would stop the batch.
 */
export async function applyEntryRequests(
  context: RegistryContext,
  requests: readonly SignedRequest[],
): Promise<readonly (Reply | undefined)[]> {
  const read = requests.map((request) => readRequest(context, request));
  const outcomes = await proposeChanges(
    context,
    read.map(({ proposal }) => proposal),
  );
  return outcomes.map((outcome, i) => {
    if (outcome === undefined) return undefined;
    return read[i]?.wellSigned === true ? replyOf(outcome, requests[i]?.operation === 'status') : { result: 'refused', reason: 'value' };
  });
}

function readRequest(context: RegistryContext, request: SignedRequest): { readonly proposal: Proposal; readonly wellSigned: boolean } {
  const { operation, publicKey, number, salt, value, changeSignature } = request;
  const id = idOfPublicKey(publicKey);
  const kind = KINDS[operation];
  if (kind === undefined) return { proposal: { id, publicKey, ask: operation === 'veto' ? 'veto' : 'status' }, wellSigned: true };
  const isAmendment = kind === 'text' || kind === 'name';
  const parts = isAmendment ? { kind, number, salt, value } : { kind, number: 0, salt: new Uint8Array(32), value: '' };
  const change: ProposedChange = { ...parts, id, by: 'holder', signature: changeSignature };
  try {
    verifySignature(changeSignature, changeMessage({ ...parts, entryPublicKey: publicKey }), publicKey, cryptoOptions(context));
    return { proposal: { id, publicKey, ask: change }, wellSigned: true };
  } catch {
    return { proposal: { id, publicKey, ask: 'status' }, wellSigned: false };
  }
}

function replyOf({ standing, verdict }: Outcome, isStatus: boolean): Reply | undefined {
  if (isStatus) return { result: 'done', entry: entryStatusOf(standing) };
  if (verdict.verdict === 'done') return { result: 'done' };
  if (verdict.verdict === 'waiting') return { result: 'waiting', dueOn: dateOfDay(verdict.dueDay) };
  // Allowed, but not there: another sort was faster with another change. The request is looked at again.
  return verdict.verdict === 'refused' ? { result: 'refused', reason: verdict.reason } : undefined;
}
