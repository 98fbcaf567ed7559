import { describe, expect, it } from 'vitest';
import { sharedPath } from '../support/shared.js';

const missing = sharedPath('vectors') === undefined;

describe.skipIf(!missing)('public vectors skipped: ../shared is not beside the checkout', () => {
  it.skip('see CONTRIBUTING for where they come from');
});

describe.skipIf(missing)('public vectors', () => {
  it('are read from ../shared', () => expect(sharedPath('vectors/wycheproof/ed25519_test.json')).toBeDefined());
});
