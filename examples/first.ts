import { mkdtemp } from 'node:fs/promises';
import { makePolicy, openRegistry } from 'cryptonym';
import { createCustody, openRecord } from 'cryptonym/custodian';
import { makeSubmission } from 'cryptonym/intake';

const { keys, shares } = await createCustody({ quorum: 3, custodians: 5 }); // five people take the shares home
const dir = await mkdtemp('registry-');
const registry = await openRegistry({ dir, keys, policy: makePolicy('tiny', ['league', 'party']) });

await registry.register({ identity: { names: ['王小明'] }, statement: { alias: 'jin fu', categories: ['league'] } });
await registry.register({ identity: { names: ['Maria Li'] }, statement: { categories: ['league', 'party'] } }); // an alias is suggested
await registry.publish({ now: true });
const { total, byCategory } = await registry.counts();
console.log({ total, byCategory }); // { total: 2, byCategory: { league: 2, party: 1 } }

// Better: sealed on the device that hears the name. It has public keys only and cannot open what it made.
const { bytes } = makeSubmission({ identity: { names: ['赵秀英'] }, statement: { categories: ['party'] } }, await registry.publicKeys());
await registry.accept(bytes);
await registry.sort();
for await (const id of registry.sealed.ids()) {
  const record = await registry.sealed.get(id);
  if (record === undefined) continue;
  await openRecord(record, shares.vault.slice(0, 2), ['identity']).catch((error) => console.log(error.code)); // SHARES_TOO_FEW
  const { identity } = await openRecord(record, shares.vault.slice(0, 3), ['identity']); // at home with the custodians, never on the server
  console.log(identity?.names); // of each record, in no order that says anything
}
await registry.close();
