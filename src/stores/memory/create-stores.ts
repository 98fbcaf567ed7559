import type { Stores } from '../../registry/stores.js';
import { OpenState } from '../open-state.js';
import { MemoryClaimStore } from './claims.js';
import { MemoryInboxStore } from './inbox.js';
import { MemoryKeyStore, MemorySettingsStore } from './keys.js';
import { MemoryLogKeyStore } from './log-key.js';
import { MemoryPublicStore } from './public.js';
import { MemoryShredStore, MemoryVaultStore } from './sealed.js';

/** Stores that live as long as the process: for tests and trials. They pass the same suite as the lasting ones. */
export function createMemoryStores(): Stores {
  const state = new OpenState();
  return {
    inbox: new MemoryInboxStore(state),
    vault: new MemoryVaultStore(state),
    shred: new MemoryShredStore(state),
    keys: new MemoryKeyStore(state),
    public: new MemoryPublicStore(state),
    claims: new MemoryClaimStore(state),
    log: new MemoryLogKeyStore(state),
    settings: new MemorySettingsStore(state),
    tidy: async () => state.assertOpen(),
    close: async () => state.close(),
  };
}
