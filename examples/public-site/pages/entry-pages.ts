import { type Html, html } from '../html.js';
import type { Language } from '../language.js';
import { type Page, sitePath } from '../page.js';
import { numbered, partPath, relative } from '../paths.js';
import { BUNDLE, type Batch, type BatchProof, type Item, type Register } from '../read-export.js';
import { bytesOf, splitBySize } from '../split.js';
import { type BatchSection, bundleFiles, entryRow, entrySection, type PlaceOf } from './entries.js';
import { overviewPages, pager, rangeTitle } from './lists.js';
import type { Named } from './wall.js';

type Put = (page: Page, language: Language) => Promise<void>;

/** Where each register number stands, and whose name is shown there. */
export interface Placed {
  readonly placeOf: PlaceOf;
  readonly names: readonly Named[];
}

interface Sized {
  readonly item: Item;
  readonly batch: Batch;
  /** Of a statement, ready in each language; the rows of other leaves link to entries that may lie on the same page, and are made with it. */
  readonly rows: ReadonlyMap<Language, Html> | undefined;
  readonly size: number;
}

/**
 * One page for each bundle of 256 register numbers, cut into parts where texts are long. Parts are the same in every language. A page depends on
 * its bundle, on later changes of its entries, and on nothing else. Gives back what the pages of names need.
 */
export async function entryPages(register: Register, languages: readonly Language[], budget: number, put: Put): Promise<Placed> {
  const bundles = Math.floor(register.size / BUNDLE) + 1;
  const starts: (readonly number[])[] = [];
  const names: Named[] = [];
  const placeOf: PlaceOf = (index) => {
    const bundle = Math.floor(index / BUNDLE);
    const part = Math.max(
      0,
      (starts[bundle] ?? []).findLastIndex((start) => start <= index),
    );
    return `${partPath('entries', numbered(bundle), part)}#n${index}`;
  };
  let before: string | undefined;
  for (let n = 0; n < bundles; n++) {
    const items = await register.bundle(n);
    for (const { index, content } of items) if (content !== undefined) names.push({ index, name: content.name });
    const proofs = await proofsOf(register, n, items);
    const parts = cut(items, proofs, register, languages, budget);
    starts.push(parts.map((part) => part[0]?.item.index ?? n * BUNDLE));
    const paths = parts.map((_, i) => partPath('entries', numbered(n), i));
    const isFull = items.length === BUNDLE;
    for (const [i, part] of parts.entries()) {
      const path = paths[i] ?? '';
      const next = paths[i + 1] ?? (isFull ? partPath('entries', numbered(n + 1), 0) : undefined);
      for (const language of languages)
        await put(entryPage({ register, language, n, i, part, proofs, path, before, next, placeOf }), language);
      before = path;
    }
  }
  for (const language of languages) for (const page of overview(register, bundles, language)) await put(page, language);
  return { placeOf, names };
}

async function proofsOf(register: Register, n: number, items: readonly Item[]): Promise<ReadonlyMap<Batch, BatchProof>> {
  const proofs = new Map<Batch, BatchProof>();
  for (const batch of new Set(items.map(({ leaf }) => register.batches[leaf.batch - 1])))
    if (batch !== undefined) proofs.set(batch, await register.proofOf(n, batch));
  return proofs;
}

/** A part that begins within a batch carries that batch's proof again. The longest language decides. */
function cut(
  items: readonly Item[],
  proofs: ReadonlyMap<Batch, BatchProof>,
  register: Register,
  languages: readonly Language[],
  budget: number,
): readonly (readonly Sized[])[] {
  const placeholder: PlaceOf = () => '../entries/x000/x000/000-10.html#n000000000';
  const largest = (make: (language: Language) => Html): number => Math.max(...languages.map((language) => bytesOf(make(language))));
  const around = new Map(
    [...proofs].map(([batch, proof]) => [
      batch,
      largest((language) => entrySection({ batch, proof, rows: [] }, language, 'en/entries/x000/x000/000.html')),
    ]),
  );
  let last: Batch | undefined;
  const sized = items.flatMap((item) => {
    const batch = register.batches[item.leaf.batch - 1];
    if (batch === undefined) return [];
    const first = batch === last ? 0 : (around.get(batch) ?? 0);
    last = batch;
    const rows = new Map(languages.map((language) => [language, entryRow(item, register, language, placeholder)]));
    const size = first + Math.max(...[...rows.values()].map(bytesOf));
    return [{ item, batch, size, rows: item.leaf.type === 'statement' ? rows : undefined }];
  });
  const reserve = Math.max(0, ...around.values());
  const parts = splitBySize(sized, ({ size }) => size, budget - reserve);
  return parts.length === 0 ? [[]] : parts;
}

interface EntryPage {
  readonly register: Register;
  readonly language: Language;
  readonly n: number;
  readonly i: number;
  readonly part: readonly Sized[];
  readonly proofs: ReadonlyMap<Batch, BatchProof>;
  readonly path: string;
  readonly before: string | undefined;
  readonly next: string | undefined;
  readonly placeOf: PlaceOf;
}

function entryPage({ register, language, n, i, part, proofs, path, before, next, placeOf }: EntryPage): Page {
  const { strings, code } = language;
  const here = sitePath(code, path);
  const to = (other: string | undefined): string | undefined => other && sitePath(code, other);
  const links = pager(here, to(before), to(next), sitePath(code, 'entries/index.html'), language);
  const link: PlaceOf = (index) => relative(here, sitePath(code, placeOf(index)));
  const sections = sectionsOf(part, proofs, ({ item, rows }) => rows?.get(language) ?? entryRow(item, register, language, link));
  const main =
    part.length === 0
      ? html`${links.top}<p>${strings.entriesEmpty}</p>`
      : html`<p class="note">${strings.entriesIntro}</p>${links.top}
${sections.map((section) => entrySection(section, language, here))}${bundleFiles(register, language, here, n)}${links.bottom}`;
  return { path, title: rangeTitle(strings.entriesRange, n * BUNDLE, n * BUNDLE + BUNDLE - 1, i, language), main };
}

function sectionsOf(part: readonly Sized[], proofs: ReadonlyMap<Batch, BatchProof>, row: (sized: Sized) => Html): readonly BatchSection[] {
  const byBatch = new Map<Batch, Html[]>();
  for (const sized of part) {
    const rows = byBatch.get(sized.batch);
    if (rows === undefined) byBatch.set(sized.batch, [row(sized)]);
    else rows.push(row(sized));
  }
  return [...byBatch].flatMap(([batch, rows]) => {
    const proof = proofs.get(batch);
    return proof === undefined ? [] : [{ batch, proof, rows }];
  });
}

function overview(register: Register, bundles: number, language: Language): readonly Page[] {
  const { strings } = language;
  return overviewPages(
    { folder: 'entries', title: strings.entriesTitle, intro: strings.entriesIntro, pages: bundles, width: BUNDLE, size: register.size },
    language,
  );
}
