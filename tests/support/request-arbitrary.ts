import fc from 'fast-check';
import { ENTRY_OPERATIONS, RECORD_OPERATIONS, type Request } from '../../src/submit/request-format.js';

/** Never all zero: zero stands for "not used". */
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((some) => some.fill(1, 0, 1));

/** Any request: what its operation does not use is zero or empty. */
export const anyRequest: fc.Arbitrary<Request> = fc
  .record({
    operation: fc.constantFrom(...ENTRY_OPERATIONS, ...RECORD_OPERATIONS),
    number: fc.integer({ min: 1, max: 0xffffffff }),
    mailbox: bytes(32),
    replyKey: bytes(32),
    salt: bytes(32),
    value: fc.string({ maxLength: 200, unit: 'grapheme' }),
    changeSignature: bytes(64),
  })
  .map((request) => {
    const amends = request.operation === 'amend' || request.operation === 'show-name';
    const leaf = amends || request.operation === 'retract' || request.operation === 'remove-content';
    return {
      ...request,
      ...(amends ? {} : { salt: new Uint8Array(32), value: '' }),
      ...(amends || request.operation.endsWith('status') ? {} : { number: 0 }),
      ...(leaf ? {} : { changeSignature: new Uint8Array(64) }),
    };
  });
