import { equalBytes, fromHex } from '../foundation/bytes.js';
import { RegistryError } from '../foundation/errors.js';
import type { Sha256 } from '../foundation/sha256.js';
import { cellKey } from '../vocabulary/categories.js';
import { idOfPublicKey } from '../vocabulary/ids.js';
import type { PoolItem } from './ports.js';
import { decodeWithDigest, type Statement } from './statement.js';

/**
 * The statement of a pool item, every part of it checked against the others. Throws `STORE_INTEGRITY` for one that is damaged. The message
 * does not say which: the id of an entry that waits is nobody's business yet.
 */
export function waitingStatement(item: PoolItem, sha256?: Sha256): Statement {
  const { statement, digest } = decoded(item, sha256);
  if (!equalBytes(idOfPublicKey(fromHex(statement.entryKey)), item.id)) throw damaged('it has another id than its key');
  if (cellKey(statement.categories) !== item.cell) throw damaged('it lies in another cell');
  if (!equalBytes(digest, item.digest)) throw damaged('it has another digest');
  return statement;
}

/** How many items `waitingStatement` refuses. */
export async function countDamaged(pool: AsyncIterable<PoolItem>, sha256?: Sha256): Promise<number> {
  let count = 0;
  for await (const item of pool) {
    try {
      waitingStatement(item, sha256);
    } catch {
      count++;
    }
  }
  return count;
}

function decoded(item: PoolItem, sha256: Sha256 | undefined): ReturnType<typeof decodeWithDigest> {
  try {
    return decodeWithDigest(item.statement, item.salt, sha256);
  } catch {
    throw damaged('it cannot be read');
  }
}

function damaged(how: string): RegistryError {
  return new RegistryError('STORE_INTEGRITY', `a waiting statement is damaged (${how}): no batch goes out. health counts them all`);
}
