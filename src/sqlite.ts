/**
 * `cryptonym/sqlite`: the stores of a registry in one directory, on Node's own SQLite or the optional peer better-sqlite3, with Node's native
 * cryptography, sealing and opening on worker threads. `openRegistry({ dir })` loads it by itself.
 */
export { nodeBackend } from './backends/node.js';
export { workerOpener } from './edges/opening/worker-opener.js';
export { workerSealer } from './edges/sealing/worker-sealer.js';
export { exportFolder } from './stores/files/public-export-folder.js';
export type { SqliteDriverName } from './stores/sqlite/driver.js';
export { openSqliteStores, type SqliteStoresOptions } from './stores/sqlite/open-stores.js';
