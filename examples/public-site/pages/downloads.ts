import { type Html, html } from '../html.js';
import type { Language } from '../language.js';
import { type Page, sitePath } from '../page.js';
import { EXPORT, relative } from '../paths.js';

/** Every kind of file of the export, and one command for all of them. */
export function downloadsPage(language: Language, url: string): Page {
  const { strings, code } = language;
  const here = sitePath(code, 'downloads.html');
  const link = (path: string): Html => html`<a href="${relative(here, `${EXPORT}/${path}`)}"><code>${EXPORT}/${path}</code></a>`;
  const layout = (path: string): Html => html`<code>${EXPORT}/${path}</code>`;
  const rows: readonly (readonly [Html, string])[] = [
    [link('checkpoint'), strings.fileCheckpoint],
    [link('log.json'), strings.fileLog],
    [link('counts.json'), strings.fileCountsJson],
    [link('counts.csv'), strings.fileCountsCsv],
    [layout('tile/L/N'), strings.fileTiles],
    [layout('tile/entries/N'), strings.fileEntries],
    [layout('contents/N.json'), strings.fileContents],
    [layout('batch/N.tlog-proof'), strings.fileBatch],
    [html`<a href="${relative(here, 'files.txt')}"><code>files.txt</code></a>`, strings.fileList],
  ];
  const main = html`<p>${strings.downloadsIntro}</p>
<table><thead><tr><th scope="col">${strings.file}</th><th scope="col">${strings.holds}</th></tr></thead>
<tbody>${rows.map(([file, holds]) => html`<tr><th scope="row">${file}</th><td>${holds}</td></tr>\n`)}</tbody></table>
<p class="note">${strings.fileNumbering}</p>
<p>${strings.downloadCommand}</p>
<pre>curl -s ${url}files.txt | sed 's|^|${url}|' | wget -x -nH -i -</pre>`;
  return { path: 'downloads.html', title: strings.downloadsTitle, main };
}
