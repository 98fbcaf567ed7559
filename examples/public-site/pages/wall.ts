import { type Html, html } from '../html.js';
import { type Language, languageOfText } from '../language.js';
import { type Page, sitePath } from '../page.js';
import { numbered, partPath, relative } from '../paths.js';
import { bytesOf, splitBySize } from '../split.js';
import type { PlaceOf } from './entries.js';
import { overviewPages, pager, rangeTitle } from './lists.js';

/** Register numbers whose names stand on one page of the wall. */
const WINDOW = 512;

export interface Named {
  readonly index: number;
  readonly name: string;
}

/** Of names on a page; the same in every language, so that the same page exists in each. */
export function nameSize({ name, index }: Named): number {
  return bytesOf(nameItem({ index, name }, 'entries/x000/x000/000-00.html#n0000000000'));
}

export function nameItem({ name }: Named, href: string): Html {
  return html`<li><a href="${href}"><bdi lang="${languageOfText(name)}">${name}</bdi></a></li>\n`;
}

/**
 * The alias wall: all names in the order of their register numbers, which is random within a batch, 512 numbers a page (cut where names are
 * very long). New names change the last page only.
 */
export function wallPages(names: readonly Named[], size: number, placeOf: PlaceOf, budget: number, language: Language): readonly Page[] {
  const { strings } = language;
  const windows = Math.floor(size / WINDOW) + 1;
  const byWindow: Named[][] = Array.from({ length: windows }, () => []);
  for (const named of names) byWindow[Math.floor(named.index / WINDOW)]?.push(named);
  const cut = byWindow.map((inWindow) => {
    const parts = splitBySize(inWindow, nameSize, budget);
    return parts.length === 0 ? [[]] : parts;
  });
  const order = cut.flatMap((parts, window) => parts.map((part, i) => ({ part, window, i, path: partPath('names', numbered(window), i) })));
  const pages = order.map(({ part, window, i, path }, at) => {
    const here = sitePath(language.code, path);
    const to = (other: string | undefined): string | undefined => other && sitePath(language.code, other);
    const links = pager(here, to(order[at - 1]?.path), to(order[at + 1]?.path), sitePath(language.code, 'names/index.html'), language);
    const items = part.map((named) => nameItem(named, relative(here, sitePath(language.code, placeOf(named.index)))));
    const body = part.length === 0 ? html`<p>${strings.wallEmpty}</p>` : html`<ul class="names">\n${items}</ul>`;
    return {
      path,
      title: rangeTitle(strings.wallRange, window * WINDOW, (window + 1) * WINDOW - 1, i, language),
      main: html`${links.top}${body}${links.bottom}`,
    };
  });
  const overview = { folder: 'names', title: strings.wallTitle, intro: strings.wallIntro, pages: windows, width: WINDOW, size };
  return [...overviewPages(overview, language), ...pages];
}
