import { type Html, html } from './html.js';
import { LANGUAGE_CODES, type Language, type LanguageCode, languageOf } from './language.js';
import { relative } from './paths.js';

/** What goes to the web server in a header, too; a page saved to a disk keeps it as well. */
export const PAGE_CSP = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

export interface Page {
  /** Within the language's folder, e.g. `entries/000.html`. */
  readonly path: string;
  readonly title: string;
  readonly main: Html;
  readonly description?: string;
}

export interface Frame {
  readonly language: Language;
  readonly languages: readonly LanguageCode[];
  /** Shown beside the site's title: the log's origin. */
  readonly origin: string;
}

/** Where a page of a language lies: `en/entries/000.html`; the checking page, which has rights of its own, lies apart. */
export function sitePath(code: LanguageCode, path: string): string {
  return path === VERIFY ? `verify/${code}.html` : `${code}/${path}`;
}

export const VERIFY = 'verify.html';

const MENU = [
  ['index.html', 'navFront'],
  ['names/index.html', 'navWall'],
  ['search/index.html', 'navSearch'],
  ['entries/index.html', 'navEntries'],
  ['method.html', 'navMethod'],
  ['downloads.html', 'navDownloads'],
  [VERIFY, 'navVerify'],
] as const;

/** A whole page: head, skip link, header with menu and languages, main, footer. */
export function renderPage(page: Page, frame: Frame): string {
  const { language, languages, origin } = frame;
  const { strings } = language;
  const here = sitePath(language.code, page.path);
  const to = (path: string): string => relative(here, path);
  const others = languages.map((code) => ({ code, language: languageOf(code), href: to(sitePath(code, page.path)) }));
  const title = page.path === 'index.html' ? `${strings.site} · ${page.title}` : `${page.title} · ${strings.site}`;
  return `<!DOCTYPE html>\n${html`<html lang="${language.tag}" dir="${language.direction}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${PAGE_CSP}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
${page.description !== undefined && html`<meta name="description" content="${page.description}">\n`}<link rel="stylesheet" href="${to('style.css')}">
<link rel="icon" href="${to('icon.svg')}">
${others.map((other) => html`<link rel="alternate" hreflang="${other.language.tag}" href="${other.href}">\n`)}</head>
<body>
<a class="skip" href="#main">${strings.skip}</a>
<header>
<p class="site"><a href="${to(sitePath(language.code, 'index.html'))}">${strings.site}</a> <bdi>${origin}</bdi></p>
<nav aria-label="${strings.menu}"><ul>${MENU.map(([path, key]) => menuItem(page.path, path, to(sitePath(language.code, path)), strings[key]))}</ul></nav>
${languages.length > 1 && html`<nav class="languages" aria-label="${strings.languages}"><ul>${others.map((other) => languageItem(other, language.code))}</ul></nav>`}
</header>
<main id="main">
<h1>${page.title}</h1>
${page.main}
</main>
<footer><p>${strings.footer}</p></footer>
</body>
</html>
`.toString()}`;
}

function menuItem(current: string, path: string, href: string, label: string): Html {
  const section = path.split('/')[0];
  const here = path === current || (path.includes('/') && current.startsWith(`${section}/`));
  return here
    ? html`<li><a href="${href}" aria-current="${path === current ? 'page' : 'true'}">${label}</a></li>`
    : html`<li><a href="${href}">${label}</a></li>`;
}

function languageItem(
  other: { readonly code: LanguageCode; readonly language: Language; readonly href: string },
  current: LanguageCode,
): Html {
  const { strings, tag, direction } = other.language;
  const here = other.code === current;
  return html`<li><a href="${other.href}" lang="${tag}" dir="${direction}" hreflang="${tag}"${here ? html` aria-current="true"` : ''}>${strings.languageName}</a></li>`;
}

/** The first page of the site: nothing but the choice of a language. */
export function chooser(languages: readonly LanguageCode[]): string {
  const all = languages.map(languageOf);
  return `<!DOCTYPE html>\n${html`<html lang="${all[0]!.tag}" dir="${all[0]!.direction}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${PAGE_CSP}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${all[0]!.strings.site}</title>
<link rel="stylesheet" href="style.css">
<link rel="icon" href="icon.svg">
${all.map(({ tag, code }) => html`<link rel="alternate" hreflang="${tag}" href="${code}/index.html">\n`)}</head>
<body>
<main id="main">
<h1>${all.map(({ tag, strings }, i) => html`${i > 0 && ' · '}<span lang="${tag}">${strings.site}</span>`)}</h1>
<nav class="choose" aria-label="${all[0]!.strings.languages}"><ul>
${all.map(({ tag, code, strings }) => html`<li><a lang="${tag}" hreflang="${tag}" href="${code}/index.html">${strings.languageName}</a></li>\n`)}</ul></nav>
</main>
</body>
</html>
`.toString()}`;
}

export const ALL_LANGUAGES = LANGUAGE_CODES;
