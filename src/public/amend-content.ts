import { type Content, encodeContent } from './content.js';
import type { PendingChange } from './ports.js';

/**
 * The new content of an amended entry, canonical; key and period stay: an amendment changes one thing. Undefined where the value is not
 * canonical or does not fit: a text of 2048 bytes that are all quotation marks is longer as JSON, and must not stop a batch.
 */
export function amendContent(content: Content, { kind, value }: Pick<PendingChange, 'kind' | 'value'>): Uint8Array | undefined {
  try {
    return encodeContent(kind === 'name' ? { ...content, name: value } : { ...content, text: value === '' ? undefined : value });
  } catch {
    return undefined;
  }
}
