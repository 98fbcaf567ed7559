import { RegistryError } from '../foundation/errors.js';
import { assertCategories, type Category } from './categories.js';

/**
 * The rules of a registry, published with it. They decide how well a call hides among others; docs/threat-model.md says what each buys.
 */
export interface Policy {
  /** Preset the policy was made from; shown in public. */
  readonly preset: 'tiny' | 'standard';
  readonly categories: readonly Category[];
  /** A cell (set of categories) goes out only with at least `k` statements. */
  readonly k: number;
  /** Days over which a statement's delay is drawn uniformly: 1 = the same day's batch. `auto` = min(28, max(2, ⌈100 / statements per day⌉)). */
  readonly delayDays: number | 'auto';
  /** A held cell goes out after this many days with its period coarsened to `earlier`. */
  readonly maxHoldDays: number;
  /** The sort waits for so many submissions … */
  readonly sortMinimum: number;
  /** … or so many days. */
  readonly sortMaxWaitDays: number;
}

export type PolicyPreset = Policy['preset'];

/**
 * `tiny` publishes at once and alone: whoever sees a call and the next batch links them. It is for tests and for registries that
 * accept this; `health()` then reports `linkable: true`.
 */
const PRESETS: Readonly<Record<PolicyPreset, Omit<Policy, 'categories'>>> = {
  tiny: { preset: 'tiny', k: 1, delayDays: 1, maxHoldDays: 28, sortMinimum: 1, sortMaxWaitDays: 1 },
  standard: { preset: 'standard', k: 20, delayDays: 'auto', maxHoldDays: 28, sortMinimum: 64, sortMaxWaitDays: 1 },
};

/** A policy from a preset. `categories` may be ids or `{ id, label }`. Throws `POLICY_INVALID`. */
export function makePolicy(preset: PolicyPreset, categories: readonly (string | Category)[]): Policy {
  if (!Object.hasOwn(PRESETS, preset)) throw new RegistryError('POLICY_INVALID', 'policy preset must be tiny or standard');
  const policy = {
    ...PRESETS[preset],
    categories: categories.map((category) => (typeof category === 'string' ? { id: category } : category)),
  };
  assertPolicy(policy);
  return policy;
}

/** Throws `POLICY_INVALID`. */
export function assertPolicy(policy: Policy): void {
  assertCategories(policy.categories);
  const count = (value: number, least: number, most: number): boolean => Number.isInteger(value) && value >= least && value <= most;
  const valid =
    Object.hasOwn(PRESETS, policy.preset) &&
    count(policy.k, 1, 10_000) &&
    (policy.delayDays === 'auto' || count(policy.delayDays, 1, 28)) &&
    count(policy.maxHoldDays, 1, 366) &&
    count(policy.sortMinimum, 1, 100_000) &&
    count(policy.sortMaxWaitDays, 1, 28);
  if (!valid) throw new RegistryError('POLICY_INVALID', 'a policy number is out of range');
}

/** True where a call and its entry can be matched by whoever sees both. */
export function isLinkable(policy: Policy): boolean {
  return policy.k === 1 || policy.delayDays === 1;
}
