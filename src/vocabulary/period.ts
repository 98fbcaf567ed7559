import { RegistryError } from '../foundation/errors.js';

/** The finest date a published statement carries: a month `YYYY-MM`, or `earlier` after a long hold. */
export type Period = string;

export const EARLIER: Period = 'earlier';
const MONTH = /^(19|20)\d\d-(0[1-9]|1[0-2])$/;

/** Throws `STATEMENT_INVALID`. */
export function assertPeriod(period: string): void {
  // A pattern would take a list of one month too.
  if (typeof period !== 'string' || (period !== EARLIER && !MONTH.test(period))) {
    throw new RegistryError('STATEMENT_INVALID', 'period must be YYYY-MM or "earlier"', { field: 'statement.period' });
  }
}

export function periodOfDay(day: number): Period {
  return dateOfDay(day).slice(0, 7);
}

/** `YYYY-MM-DD` of a day number (days since 1970-01-01, UTC). */
export function dateOfDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
