import type { Stores } from '../../registry/stores.js';
import { MemoryClaimStore } from './claims.js';
import { MemoryKeyStore, MemorySettingsStore } from './keys.js';
import { MemoryPublicStore } from './public.js';
import { MemoryInboxStore, MemoryShredStore, MemoryVaultStore } from './sealed.js';

/** Stores that live as long as the process: for tests and trials. They pass the same suite as the lasting ones. */
export function createMemoryStores(): Stores {
  return {
    inbox: new MemoryInboxStore(),
    vault: new MemoryVaultStore(),
    shred: new MemoryShredStore(),
    keys: new MemoryKeyStore(),
    public: new MemoryPublicStore(),
    claims: new MemoryClaimStore(),
    settings: new MemorySettingsStore(),
    close: async () => {},
  };
}
