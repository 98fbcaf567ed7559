/** Stands beside the numbers wherever they are published. */
export const COUNTS_NOTE =
  'These are statements, not persons. A statement may be in several categories, so their sum may exceed the total.';
