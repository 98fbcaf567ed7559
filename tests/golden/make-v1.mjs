/**
 * Makes tests/golden/v1 with a *built* library of version 1 (README.md says from which commit and how):
 *
 *     node tests/golden/make-v1.mjs DIST OUT
 *
 * Clock and randomness are fixed, so that it can be made again; every key in it is a test key that anybody can compute.
 */
import nodeCrypto from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

const [dist, out] = process.argv.slice(2);
if (dist === undefined || out === undefined) throw new Error('usage: node make-v1.mjs DIST OUT');
const load = (name) => import(pathToFileURL(join(resolve(dist), name)).href);
const { fixedClock, seededRandom } = await load('testing.js');

// The sharing package draws from the platform and takes no injected source.
const platform = seededRandom('golden v1 platform');
nodeCrypto.randomBytes = (length) => {
  const bytes = platform.bytes(length);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
};
syncBuiltinESMExports();

const { makePolicy, openRegistry } = await load('index.js');
const { createCustody, encodeSealedRecord } = await load('custodian.js');
const { encodePublicKeys, makeSubmission } = await load('intake.js');

const START = Date.UTC(2026, 10, 21, 9);
const clock = fixedClock(START);
const random = seededRandom('golden v1');
const policy = { ...makePolicy('tiny', ['party', { id: 'league', label: 'Youth League' }, 'pioneers']), delayDays: 2 };

const custody = await createCustody({ quorum: 2, custodians: 3 }, { random });
const dir = join(resolve(out), 'registry');
const registry = await openRegistry({ dir, keys: custody.keys, policy }, { clock, random });

/** Published in batch 1: an alias with a phrase, a real name with a text, an alias in another script. */
const PUBLISHED = [
  {
    identity: { names: ['王建国', 'Wang Jianguo'], birthDate: '1961-05-04', sex: 'male', birthplace: '河北省石家庄市', declared: 'self' },
    contact: { phones: ['+86 311 0000 0001'], address: '1 North Street', workplace: 'Second Mill', mayContact: true },
    statement: { alias: 'jin fu', categories: ['party', 'league'], text: 'I leave.\nAll of it.' },
    claim: 'words',
  },
  {
    identity: { names: ['李秀英'] },
    contact: { emails: ['li@example.org'], ifCaught: { disclose: true, to: ['relatives abroad'] } },
    statement: { useName: true, evidence: 'verified', categories: ['pioneers'], period: '2004-11', origin: 'import' },
    claim: { pin: '20261121', language: 'zh-Hans' },
  },
  {
    identity: { names: ['Mehmet'], declared: 'relayed' },
    statement: { alias: 'سلام', evidence: 'contact', categories: ['party'] },
  },
];
/** Sorted, not yet published. */
const POOL = [
  { identity: { names: ['张伟'] }, statement: { alias: 'wan shun', categories: ['league'] } },
  { identity: { names: ['刘洋'] }, statement: { alias: '平安', categories: ['league', 'pioneers'] }, claim: { language: 'zh-Hant' } },
];
/** Accepted, not yet sorted. */
const WAITING = { identity: { names: ['陈静'] }, statement: { alias: 'an kang', categories: ['party'] }, claim: 'words' };

const registered = new Map();
const register = async (registration, options) => {
  const { entryId, claim } = await registry.register(registration, options);
  registered.set(entryId, { registration, phrase: claim?.reveal() ?? null });
  return entryId;
};

const published = [];
for (const registration of PUBLISHED) published.push(await register(registration));
await registry.publish({ now: true });
clock.advanceDays(1);
const pool = [];
for (const registration of POOL) pool.push(await register(registration));
await registry.sort();

// One that passes for a submission and does not open: three attempts, then the quarantine.
const spoiled = makeSubmission(WAITING, await registry.publicKeys(), { clock, random: seededRandom('golden v1 spoiled') }).bytes;
spoiled[spoiled.length - 1] ^= 1;
await registry.accept(spoiled);
for (let attempt = 0; attempt < 3; attempt++) await registry.sort();
await registry.maintain();

/** An import that was stopped after two of three rows, all to be refused: its position is there and no row is. */
const refused = { identity: { names: [] }, statement: { alias: 'x', categories: ['party'] } };
const rows = [refused, refused, refused];
for await (const _ of registry.registerMany(rows, { source: new Uint8Array(32).fill(7), batchSize: 2 })) break;

const waiting = await register(WAITING, { id: 'golden-retry-1' });
const all = async (items) => {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
};
const facts = {
  comment: 'Made by make-v1.mjs with the built library of version 1. Test keys and invented people; nothing here is secret.',
  madeOn: new Date(clock.now()).toISOString(),
  policy: registry.policy,
  counts: await registry.counts(),
  health: await registry.health(),
  entries: await all(registry.entries()),
  recordIds: await all(registry.sealed.ids()),
  published,
  pool,
  waiting,
  people: Object.fromEntries(registered),
};
const first = await registry.sealed.get(facts.recordIds[0]);
const publicKeys = await registry.publicKeys();
await registry.close();
const { openSqliteStores } = await load('sqlite.js');
const stores = await openSqliteStores(dir);
const today = clock.now() / 86_400_000;
const epochKey = await stores.keys.epochKey(Math.floor(today));
const { phrase } = registered.get(published[0]);
const locator = locatorOf(phrase);
const row = await stores.claims.get(locator);
await stores.close();

/** docs/spec/claim.md, without PIN; written again here, because the built library keeps it to itself. */
function locatorOf(words) {
  const kdf = (secret, label) => {
    const info = Buffer.concat([Buffer.from([0, 0, 0, label.length]), Buffer.from(label)]);
    return new Uint8Array(nodeCrypto.hkdfSync('sha256', secret, 'cryptonym/v1/kdf', info, 32));
  };
  return kdf(kdf(mnemonicToEntropy(words, wordlist), 'cryptonym/v1/claim/root'), 'cryptonym/v1/claim/locator');
}

const write = (name, content) => {
  const path = join(resolve(out), name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
};
write('facts.json', `${JSON.stringify(facts, null, 1)}\n`);
write('files/record.cn-rec', encodeSealedRecord(first));
const submission = makeSubmission(WAITING, publicKeys, { clock, random: seededRandom('golden v1 submission') });
write('files/submission.cn-sub', submission.bytes);
write('files/epoch-private-key.hex', `${Buffer.from(epochKey).toString('hex')}\n`);
write('files/public-keys.json', encodePublicKeys(publicKeys));
const hex = (bytes) => Buffer.from(bytes).toString('hex');
write('files/claim.json', `${JSON.stringify({ phrase, locator: hex(locator), row: hex(row), entryId: published[0] }, null, 1)}\n`);
for (const [purpose, shares] of Object.entries(custody.shares))
  for (const [i, share] of shares.entries()) write(`custody/${purpose}-${i + 1}.share`, share.reveal());

// What was frozen, so that nobody makes it again by accident: `sha256sum --check SHA256SUMS`.
const sums = readdirSync(resolve(out), { recursive: true, withFileTypes: true })
  .filter((file) => file.isFile())
  .map((file) => relative(resolve(out), join(file.parentPath, file.name)).replaceAll(sep, '/'))
  .sort()
  .map((name) => `${nodeCrypto.createHash('sha256').update(readFileSync(join(resolve(out), name))).digest('hex')}  ${name}\n`);
write('SHA256SUMS', sums.join(''));
