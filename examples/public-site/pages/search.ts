import { type Html, html } from '../html.js';
import { type Language, languageOfText } from '../language.js';
import { type Page, sitePath } from '../page.js';
import { relative } from '../paths.js';
import { bytesOf, splitBySize } from '../split.js';
import type { PlaceOf } from './entries.js';
import { type Named, nameSize } from './wall.js';

/** A beginning with at most so many names lists them; with more, it lists longer beginnings. */
const LISTED = 300;
/** Longest beginning that is told apart, in code points; it also bounds the length of file names. */
const DEEPEST = 16;

/** A beginning of names, and what goes on from there. */
interface Bucket {
  readonly prefix: string;
  readonly count: number;
  /** Names listed here: all of a small bucket; of a large one, those that end here. */
  readonly names: readonly Named[];
  readonly longer: readonly Bucket[];
}

/** Names by their beginnings, for a search without a script or a question to the server. */
export function bucketsOf(names: readonly Named[]): Bucket {
  const keyed = names.map((named) => ({ named, key: [...searchKey(named.name)] }));
  keyed.sort((a, b) => compare(a.key.join(''), b.key.join('')) || a.named.index - b.named.index);
  return bucket(keyed, [], true);
}

type Keyed = { readonly named: Named; readonly key: readonly string[] };

function bucket(all: readonly Keyed[], prefix: readonly string[], isTop: boolean): Bucket {
  const depth = prefix.length;
  const made = { prefix: prefix.join(''), count: all.length };
  if (depth >= DEEPEST || (!isTop && all.length <= LISTED)) return { ...made, names: all.map(({ named }) => named), longer: [] };
  const ending = all.filter(({ key }) => key.length === depth);
  const groups = new Map<string, Keyed[]>();
  for (const keyed of all) {
    const next = keyed.key[depth];
    if (next === undefined) continue;
    const group = groups.get(next);
    if (group === undefined) groups.set(next, [keyed]);
    else group.push(keyed);
  }
  // A step on which nothing is decided is no page of its own.
  const [only, ...rest] = groups;
  if (!isTop && ending.length === 0 && only !== undefined && rest.length === 0) return bucket(only[1], [...prefix, only[0]], false);
  return {
    ...made,
    names: ending.map(({ named }) => named),
    longer: [...groups].map(([next, group]) => bucket(group, [...prefix, next], false)),
  };
}

/** Width and case do not matter. */
export function searchKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** Every bucket's page or pages; `search/index.html` is the top one. */
export function searchPages(top: Bucket, placeOf: PlaceOf, budget: number, language: Language): readonly Page[] {
  return [...bucketPages(top, placeOf, budget, language), ...top.longer.flatMap((next) => deepPages(next, placeOf, budget, language))];
}

function deepPages(bucket: Bucket, placeOf: PlaceOf, budget: number, language: Language): readonly Page[] {
  return [
    ...bucketPages(bucket, placeOf, budget, language),
    ...bucket.longer.flatMap((next) => deepPages(next, placeOf, budget, language)),
  ];
}

function bucketPages(bucket: Bucket, placeOf: PlaceOf, budget: number, language: Language): readonly Page[] {
  const { strings, number } = language;
  const here = sitePath(language.code, pathOf(bucket.prefix, 0));
  const shown = (text: string): Html => html`<bdi lang="${languageOfText(text)}">${text}</bdi>`;
  const longer = bucket.longer.map((next) => {
    const item = html`<li><a href="${relative(here, sitePath(language.code, pathOf(next.prefix, 0)))}">${shown(next.prefix)} <small>${number(next.count)}</small></a></li>\n`;
    return { isName: false, item, size: bytesOf(item) };
  });
  const names = bucket.names.map((named) => {
    const item = html`<li><a href="${relative(here, sitePath(language.code, placeOf(named.index)))}">${shown(named.name)} <small>${number(named.index)}</small></a></li>\n`;
    return { isName: true, item, size: nameSize(named) + 40 };
  });
  const runs = splitBySize([...longer, ...names], ({ size }) => size, budget);
  const parts = runs.length === 0 ? [[]] : runs;
  return parts.map((part, i) => {
    const lists = [part.filter(({ isName }) => !isName), part.filter(({ isName }) => isName)] as const;
    const main = html`${bucket.prefix === '' ? html`<p>${strings.searchIntro}</p>` : html`<p><a href="index.html">${strings.searchAll}</a></p>`}
${lists[0].length > 0 && html`${bucket.prefix !== '' && html`<h2>${strings.searchLonger}</h2>`}<ul class="begin">\n${lists[0].map(({ item }) => item)}</ul>`}
${lists[1].length > 0 && html`${bucket.longer.length > 0 && html`<h2>${strings.searchExactly}</h2>`}<ul class="names">\n${lists[1].map(({ item }) => item)}</ul>`}
${parts.length > 1 && partLinks(bucket.prefix, i, parts.length, language)}`;
    const title = bucket.prefix === '' ? strings.searchTitle : `${strings.searchUnder} ${strings.open}${bucket.prefix}${strings.close}`;
    return { path: pathOf(bucket.prefix, i), title: i === 0 ? title : `${title} (${number(i + 1)})`, main };
  });
}

function partLinks(prefix: string, here: number, parts: number, { strings, number }: Language): Html {
  const link = (i: number): Html =>
    html`<li><a href="${pathOf(prefix, i).slice('search/'.length)}"${i === here ? html` aria-current="page"` : ''}>${number(i + 1)}</a></li>\n`;
  return html`<nav aria-label="${strings.pages}"><ul>${Array.from({ length: parts }, (_, i) => link(i))}</ul></nav>`;
}

/** `search/6a-69.html`: code points in hexadecimal, so that no file system and no web server has to understand a name. */
function pathOf(prefix: string, part: number): string {
  const name = [...prefix].map((char) => char.codePointAt(0)?.toString(16)).join('-');
  return `search/${name === '' ? 'index' : name}${part === 0 ? '' : `.${part + 1}`}.html`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
