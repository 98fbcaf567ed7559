import type { MadeSubmission } from '../../../src/submit/make-submission.js';
import { decodeInner } from '../../../src/submit/inner-format.js';
import { type EncodedCanary, encodingsOf, encodingsOfBytes } from './encodings.js';

/** What leads from a submission to its record, its entry or its claim, in every disguise. */
export function secretsOf(made: MadeSubmission): EncodedCanary[] {
  const { recordId, shred, salt, locator } = decodeInner(made.inner.reveal());
  const phrase = made.claim?.reveal();
  return [
    ...[recordId, shred, salt, locator, Buffer.from(made.entryId, 'hex')].flatMap(encodingsOfBytes),
    ...(phrase === undefined ? [] : encodingsOf(phrase)),
  ];
}
