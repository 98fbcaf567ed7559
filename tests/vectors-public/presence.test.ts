import { expect, it } from 'vitest';
import { sharedPath } from '../support/shared.js';

const missing = sharedPath('vectors') === undefined;
const name = missing ? 'public vectors skipped: ../shared is not beside the checkout' : 'public vectors are read from ../shared';

it.skipIf(missing)(name, () => {
  expect(sharedPath('vectors/wycheproof/ed25519_test.json')).toBeDefined();
});
