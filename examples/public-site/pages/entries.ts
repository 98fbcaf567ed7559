import { fill } from '../fill.js';
import { type Html, html, type Part } from '../html.js';
import { type Language, languageOfText } from '../language.js';
import { EXPORT, numbered, relative } from '../paths.js';
import { BUNDLE, type Batch, type BatchProof, type Item, type PlacedChange, type Register } from '../read-export.js';
import { labelOf } from './front.js';

/** Where a register number is shown: `entries/000.html#n12`, within a language. */
export type PlaceOf = (index: number) => string;

/** One log index as a list item: a statement, the count at the head of a batch, or a change of an earlier entry. */
export function entryRow(item: Item, register: Register, language: Language, link: PlaceOf): Html {
  const { index, leaf } = item;
  return html`<li id="n${index}"><a href="#n${index}">${language.number(index)}</a> ${leaf.type === 'statement' ? statement(item, register, language) : otherLeaf(item, language, link)}</li>\n`;
}

function statement(item: Item, register: Register, language: Language): Html {
  const { leaf, content, changes } = item;
  if (leaf.type !== 'statement') return html``;
  const { strings } = language;
  const labels = leaf.categories.map((id, i) => html`${i > 0 && strings.comma}<bdi>${labelOf(id, register.log.policy.categories)}</bdi>`);
  const evidence = changes.reduce((word, { leaf: change }) => (change.type === 'raise' ? change.to : word), leaf.evidence);
  const isNamed = leaf.display === 'name' || changes.some(({ leaf: change }) => change.type === 'amendment' && change.kind === 'name');
  const facts: readonly Part[] = [
    labels,
    ...(content === undefined ? [] : [language.month(content.period)]),
    strings[evidence],
    ...(isNamed ? [strings.name] : []),
    ...(leaf.origin === 'import' ? [strings.import] : []),
  ];
  const name =
    content === undefined ? html`<em>${strings.withheld}</em>` : html`<bdi lang="${languageOfText(content.name)}">${content.name}</bdi>`;
  const text = content?.text;
  return html`${name} <span>${facts.map((fact, i) => html`${i > 0 && ' · '}${fact}`)}</span>${text !== undefined && html`<p dir="auto" lang="${languageOfText(text)}">${text}</p>`}${changes.map((change) => state(change, language))}`;
}

/** What later changes made of it. A removal shows as the missing content. */
function state({ leaf }: PlacedChange, { strings, number }: Language): Html | undefined {
  const said = (text: string): Html => html` <em>${fill(text, { batch: number(leaf.batch) })}</em>`;
  if (leaf.type === 'removal') return undefined;
  if (leaf.type === 'retraction') return said(strings.isRetracted);
  if (leaf.type === 'raise') return said(strings.isRaised);
  return said('kind' in leaf && leaf.kind === 'name' ? strings.isNamed : strings.isAmended);
}

function otherLeaf({ leaf }: Item, language: Language, link: PlaceOf): Html {
  const { strings, number } = language;
  if (leaf.type === 'statement') return html``;
  if (leaf.type === 'tally')
    return html`<span>${fill(strings.tally, { before: number(leaf.before.statements), after: number(leaf.after.statements) })}</span>`;
  const what = {
    amendment: leaf.type === 'amendment' && leaf.kind === 'name' ? strings.changeName : strings.changeText,
    raise: leaf.type === 'raise' ? fill(strings.changeRaise, { from: strings[leaf.from], to: strings[leaf.to] }) : '',
    retraction: strings.changeRetraction,
    removal: strings.changeRemoval,
  }[leaf.type];
  const by = leaf.type !== 'raise' && leaf.by === 'holder' ? strings.byHolder : strings.byRegistry;
  return html`<span>${what} <a href="${link(leaf.entry)}">${number(leaf.entry)}</a>, ${by}</span>`;
}

/** Entries of one batch on a page, and the way from their bundle's file to what was signed on the batch's day. */
export interface BatchSection {
  readonly batch: Batch;
  readonly proof: BatchProof;
  readonly rows: readonly Html[];
}

/** `path` is the page's place on the site. */
export function entrySection({ batch, proof, rows }: BatchSection, language: Language, path: string): Html {
  const { strings } = language;
  const heading = fill(strings.batch, { batch: language.number(batch.batch), date: language.date(batch.date) });
  const signed = relative(path, `${EXPORT}/batch/${numbered(batch.batch)}.tlog-proof`);
  return html`<section class="batch"><h2 id="b${batch.batch}">${heading}</h2>
<ol class="entries">
${rows}</ol>
<details><summary>${strings.batchProof}</summary>
<p>${strings.batchProofText}</p>
<p>${fill(strings.batchSize, { size: language.number(proof.size) })}. ${strings.batchRoot}: <code>${proof.root}</code>. <a href="${signed}">${fill(strings.batchSigned, { batch: language.number(batch.batch) })}</a></p>
${proof.hashes.length === 0 ? html`<p>${strings.noHashes}</p>` : html`<ol class="hashes">${proof.hashes.map((hash) => html`<li><code>${hash}</code></li>\n`)}</ol>`}
</details></section>\n`;
}

/** Links to the files that the page was made from. Of a bundle that still grows they change with it. */
export function bundleFiles(register: Register, language: Language, path: string, bundle: number): Html {
  const { strings } = language;
  const width = Math.min(BUNDLE, register.size - bundle * BUNDLE);
  const entries = `${EXPORT}/tile/entries/${numbered(bundle)}${width < BUNDLE ? `.p/${width}` : ''}`;
  return html`<p class="files"><a href="${relative(path, entries)}">${strings.bundleFile}</a> · <a href="${relative(path, `${EXPORT}/contents/${numbered(bundle)}.json`)}">${strings.contentFile}</a></p>`;
}
