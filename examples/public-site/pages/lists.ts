import { fill } from '../fill.js';
import { type Html, html } from '../html.js';
import type { Language } from '../language.js';
import type { Page } from '../page.js';
import { numbered, relative } from '../paths.js';
import { splitBySize } from '../split.js';

/** Pages of 256 register numbers each that are listed in one place; beyond that many, in groups. */
const LISTED = 256;

/** Links to the pages before and after. Every page names its successor, which is made even while it is empty, so that a full page never changes. */
export function pager(
  here: string,
  previous: string | undefined,
  next: string | undefined,
  overview: string,
  { strings }: Language,
): Pager {
  const links = html`<ul>
${
  previous !== undefined &&
  html`<li><a rel="prev" href="${relative(here, previous)}">${strings.previous}</a></li>
`
}${
  next !== undefined &&
  html`<li><a rel="next" href="${relative(here, next)}">${strings.next}</a></li>
`
}<li><a href="${relative(here, overview)}">${strings.overview}</a></li>
</ul>`;
  return { top: html`<nav aria-label="${strings.pages}">${links}</nav>`, bottom: html`<div class="pager">${links}</div>` };
}

/** The same links twice; a page has the landmark once. */
interface Pager {
  readonly top: Html;
  readonly bottom: Html;
}

export interface Overview {
  /** `entries` or `names`. */
  readonly folder: string;
  readonly title: string;
  readonly intro: string;
  /** How many numbered pages there are, and how many register numbers each holds. */
  readonly pages: number;
  readonly width: number;
  /** Register numbers so far. */
  readonly size: number;
}

/** `index.html` of a folder of numbered pages: all of them, or groups of 256 that have a list of their own. */
export function overviewPages(overview: Overview, language: Language): readonly Page[] {
  const { folder, title, intro, pages, width, size } = overview;
  const { strings, number } = language;
  const range = (first: number, last: number): string =>
    `${number(first * width)}–${number(Math.max(first * width, Math.min((last + 1) * width, size) - 1))}`;
  const list = (items: readonly { readonly href: string; readonly label: string }[]): Html =>
    html`<p>${intro}</p><h2>${strings.entriesPages}</h2><ul class="numbers">${items.map(({ href, label }) => html`<li><a href="${href}">${label}</a></li>\n`)}</ul>`;
  const pageItem = (n: number) => ({ href: `${numbered(n)}.html`, label: range(n, n) });
  const all = Array.from({ length: pages }, (_, n) => n);
  if (pages <= LISTED) return [{ path: `${folder}/index.html`, title, main: list(all.map(pageItem)) }];

  const groups = splitBySize(all, () => 1, LISTED);
  const groupPath = (n: number): string => `list-${numbered(n).replaceAll('/', '-')}.html`;
  return [
    {
      path: `${folder}/index.html`,
      title,
      main: list(groups.map((group, i) => ({ href: groupPath(i), label: range(group[0] ?? 0, group.at(-1) ?? 0) }))),
    },
    ...groups.map((group, i) => ({
      path: `${folder}/${groupPath(i)}`,
      title: `${title}: ${range(group[0] ?? 0, group.at(-1) ?? 0)}`,
      main: list(group.map(pageItem)),
    })),
  ];
}

/** `Entries 0 to 255`, with `part 2` where a page had to be cut. */
export function rangeTitle(text: string, first: number, last: number, part: number, { strings, number }: Language): string {
  return fill(text, { from: number(first), to: number(last) }) + (part === 0 ? '' : `, ${fill(strings.part, { part: number(part + 1) })}`);
}
