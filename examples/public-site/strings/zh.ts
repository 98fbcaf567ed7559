import { en } from './en.js';
import type { Strings } from './strings.js';

export const zh: Strings = en;
