import { nodeBackend } from '../../../src/backends/node.js';
import { toHex } from '../../../src/foundation/bytes.js';
import { systemRandom } from '../../../src/foundation/random.js';
import type { PoolItem } from '../../../src/public/ports.js';
import { decodeStatement, encodeStatement, statementDigest } from '../../../src/public/statement.js';
import { cellKey } from '../../../src/vocabulary/categories.js';

/** A valid item of the pool, as the sort would have left it; due on day 0. */
export function poolItem(categories: readonly string[]): PoolItem {
  const entryKey = systemRandom.bytes(32);
  const salt = systemRandom.bytes(32);
  const statement = encodeStatement({
    name: 'jin fu',
    display: 'alias',
    categories,
    text: 'I leave it and take back my oath.',
    evidence: 'stated',
    origin: 'live',
    period: '2026-11',
    entryKey: toHex(entryKey),
  });
  return {
    id: nodeBackend.sha256(entryKey).slice(0, 16),
    dueDay: 0,
    cell: cellKey(categories),
    digest: statementDigest(decodeStatement(statement), salt),
    salt,
    statement,
  };
}
