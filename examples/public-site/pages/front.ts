import { chart } from '../chart.js';
import { fill } from '../fill.js';
import { type Html, html } from '../html.js';
import type { Language } from '../language.js';
import { type Page, sitePath, VERIFY } from '../page.js';
import { EXPORT, numbered, relative } from '../paths.js';
import type { Register } from '../read-export.js';
import type { Strings } from '../strings/strings.js';

type Words = readonly (readonly [label: Html, count: number, meaning?: string])[];

/** The numbers, what they mean, and where they are proved. */
export function frontPage(register: Register, language: Language): Page {
  const { strings } = language;
  return {
    path: 'index.html',
    title: strings.frontTitle,
    description: strings.frontSummary,
    main: register.counts.asOf === null ? html`<p>${strings.nothing}</p><p>${strings.notPersons}</p>` : numbers(register, language),
  };
}

function numbers(register: Register, language: Language): Html {
  const { strings } = language;
  const { counts } = register;
  const { days, statements } = counts.perDay;
  return html`<div class="total">
<p><strong>${language.number(counts.total)}</strong> ${strings.total}</p>
<p class="as-of">${fill(strings.asOf, { date: language.date(counts.asOf ?? '') })}</p>
</div>
<p class="important">${strings.notPersons}</p>
<dl class="key">
<div><dt>${strings.standing}</dt><dd>${language.number(counts.standing)}</dd></div>
<div><dt>${strings.retracted}</dt><dd>${language.number(counts.retracted)}</dd></div>
<div><dt>${strings.perDay}</dt><dd>${language.average(days === 0 ? 0 : statements / days)}</dd></div>
</dl>
<p class="note">${fill(strings.perDayNote, { days: language.number(days), statements: language.number(statements) })}</p>
${chart(register, language)}
<div class="tables">
${table(strings.byCategory, categories(register), language, strings.categoryNote)}
${table(strings.byEvidence, words(['stated', 'contact', 'verified'], counts.byEvidence, strings), language)}
${table(strings.byDisplay, words(['alias', 'name'], counts.byDisplay, strings), language)}
${table(strings.byOrigin, words(['live', 'import'], counts.byOrigin, strings), language)}
</div>
${proof(register, language)}`;
}

/** In the operator's order; then those that only the log still has. */
function categories({ counts, log }: Register): Words {
  const { categories } = log.policy;
  const counted = Object.keys(counts.byCategory).filter((id) => !categories.some((category) => category.id === id));
  return [...categories.map(({ id }) => id), ...counted].map(
    (id) => [html`<bdi>${labelOf(id, categories)}</bdi>`, counts.byCategory[id] ?? 0] as const,
  );
}

/** What an operator calls a category; its id where there is no label. */
export function labelOf(id: string, categories: readonly { readonly id: string; readonly label?: string | undefined }[]): string {
  return categories.find((category) => category.id === id)?.label ?? id;
}

function words<Word extends 'stated' | 'contact' | 'verified' | 'alias' | 'name' | 'live' | 'import'>(
  all: readonly Word[],
  counts: Readonly<Record<string, number>>,
  strings: Strings,
): Words {
  return all.map((word) => [html`${strings[word]}`, counts[word] ?? 0, strings[`${word}Meaning`]] as const);
}

function table(caption: string, rows: Words, language: Language, note?: string): Html {
  const { strings } = language;
  return html`<div><table><caption>${caption}</caption>
<thead><tr><th scope="col">${strings.what}</th><th scope="col">${strings.howMany}</th></tr></thead>
<tbody>${rows.map(([label, count, meaning]) => html`<tr><th scope="row">${label}${meaning !== undefined && html` <small>${meaning}</small>`}</th><td>${language.number(count)}</td></tr>\n`)}</tbody></table>
${note !== undefined && html`<p class="note">${note}</p>`}</div>`;
}

function proof({ counts }: Register, language: Language): Html {
  const { strings, code } = language;
  const here = sitePath(code, 'index.html');
  const file = (name: string): string => relative(here, `${EXPORT}/${name}`);
  return html`<section><h2>${strings.proofTitle}</h2>
<p>${fill(strings.proofText, { batch: language.number(counts.batches) })}</p>
<ul class="links">
<li><a href="${file(`batch/${numbered(counts.batches)}.tlog-proof`)}">${fill(strings.proofTally, { batch: language.number(counts.batches) })}</a></li>
<li><a href="${file('checkpoint')}">${strings.proofCheckpoint}</a></li>
<li><a href="${file('counts.json')}">${strings.proofFile} (JSON)</a></li>
<li><a href="${file('counts.csv')}">${strings.proofFile} (CSV)</a></li>
<li><a href="${relative(here, sitePath(code, VERIFY))}">${strings.proofRecount}</a></li>
<li><a href="${relative(here, sitePath(code, 'method.html'))}#check">${strings.proofCommand}</a></li>
</ul></section>`;
}
