import type { en } from './en.js';

/** Every text of the site. English is the measure: a language that lacks one does not compile. `{name}` marks a place for a value. */
export type Strings = { readonly [Key in keyof typeof en]: Widened<(typeof en)[Key]> };

type Widened<T> = T extends string
  ? string
  : T extends readonly (readonly [string, string])[]
    ? readonly (readonly [string, string])[]
    : readonly string[];
