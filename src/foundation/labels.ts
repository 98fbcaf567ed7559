/**
 * Every domain-separation label of the library, in one file, so that a reviewer sees at a glance that no two uses share one.
 * A label is never changed: a new meaning gets a new label. tests/unit/foundation/basics.test.ts asserts that all are distinct.
 */
export const CONTENT_LABEL = 'cryptonym/v1/content';
export const ENTRY_CHANGE_LABEL = 'cryptonym/v1/entry/change';

/** All of them. The two above have names of their own because a verifier needs no others. */
export const LABELS = {
  // sealed compartment (docs/spec/sealed-compartment.md)
  sealedContext: 'cryptonym/v1/sealed',
  sealedShred: 'cryptonym/v1/sealed/shred',
  sealedBody: 'cryptonym/v1/sealed/body',
  sealedCommit: 'cryptonym/v1/sealed/commit',
  sealedWrap: 'cryptonym/v1/sealed/wrap',
  sealedTag: 'cryptonym/v1/sealed/tag',
  sealedDigest: 'cryptonym/v1/sealed/digest',
  tdh2Generator: 'cryptonym/v1/tdh2/generator',
  tdh2Nonce: 'cryptonym/v1/tdh2/nonce',
  tdh2Challenge: 'cryptonym/v1/tdh2/challenge',
  // key derivation: the one salt of `deriveKey`
  kdfSalt: 'cryptonym/v1/kdf',
  // keys
  keyId: 'cryptonym/v1/key-id',
  // the registrant's secret κ
  kappaRecord: 'cryptonym/v1/kappa/record',
  kappaEntry: 'cryptonym/v1/kappa/entry',
  entrySalt: 'cryptonym/v1/entry/salt',
  // submission (docs/spec/submission.md)
  submissionOuter: 'cryptonym/v1/submission/outer',
  submissionId: 'cryptonym/v1/submission/id',
  callerId: 'cryptonym/v1/submission/caller-id',
  quarantine: 'cryptonym/v1/quarantine',
  // shred store
  shredRow: 'cryptonym/v1/shred/row',
  // shares (docs/spec/share-envelope.md)
  shareSet: 'cryptonym/v1/share/set',
  shareSeed: 'cryptonym/v1/share/seed',
  shareChecksum: 'cryptonym/v1/share/checksum',
  // public side (docs/spec/leaf.md)
  content: CONTENT_LABEL,
  statementDigest: 'cryptonym/v1/statement/digest',
  // claims (docs/spec/claim.md)
  claimRoot: 'cryptonym/v1/claim/root',
  claimLocator: 'cryptonym/v1/claim/locator',
  claimRowKey: 'cryptonym/v1/claim/row-key',
  claimRow: 'cryptonym/v1/claim/row',
  claimDummy: 'cryptonym/v1/claim/dummy',
  // requests and replies (docs/spec/request.md)
  requestSignature: 'cryptonym/v1/request/signature',
  entryChange: ENTRY_CHANGE_LABEL,
  amendedSalt: 'cryptonym/v1/entry/amended-salt',
  replyMailbox: 'cryptonym/v1/reply/mailbox',
  replyKey: 'cryptonym/v1/reply/key',
  replyRow: 'cryptonym/v1/reply/row',
  // import
  importId: 'cryptonym/v1/import/id',
  importGroup: 'cryptonym/v1/import/group',
} as const;
