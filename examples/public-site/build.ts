import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Html } from './html.js';
import { ALL_LANGUAGES, chooser, PAGE_CSP, type Page, renderPage, sitePath } from './page.js';
import { type Language, type LanguageCode, languageOf } from './language.js';
import { downloadsPage } from './pages/downloads.js';
import { entryPages } from './pages/entry-pages.js';
import { frontPage } from './pages/front.js';
import { methodPage } from './pages/method.js';
import { bucketsOf, searchPages } from './pages/search.js';
import { verifierPage } from './pages/verifier.js';
import { wallPages } from './pages/wall.js';
import { EXPORT } from './paths.js';
import { readExport } from './read-export.js';
import { filesBelow, SiteFiles, type Written } from './site-files.js';
import { bytesOf, MAX_PAGE_BYTES } from './split.js';

export interface SiteOptions {
  /** Folder of a static export (`cryptonym export`). */
  readonly from: string;
  /** Folder of the site; made if it is not there. Files of an earlier run that are no longer wanted are removed, nothing else. */
  readonly to: string;
  /** The log's key, from elsewhere than the export: then nobody can slip in another log on the way here. */
  readonly key?: string;
  /** The first is the one offered first; all four if left out. */
  readonly languages?: readonly LanguageCode[];
  /** Where the site will stand, with a slash at the end; shown in commands only. */
  readonly url?: string;
  /** Contents of style.css, and of the checking page's script, bundled. */
  readonly style: string;
  readonly script: string;
}

/** Head, menu, titles and page links of a page, generously. */
const FRAME_BYTES = 7000;

/**
 * Builds the whole site from an export and nothing else. Run again after each batch: only files that differ are written, and pages of full
 * bundles do not differ unless an entry on them was changed. Throws what `replay` throws, and builds nothing, where the export contradicts itself.
 */
export async function buildSite(options: SiteOptions): Promise<Written> {
  const { from, to, languages: codes = ALL_LANGUAGES, url = 'https://THIS-SITE/', key, style, script } = options;
  const register = await readExport(from, key);
  const languages = codes.map(languageOf);
  const files = new SiteFiles(to);
  const budget = MAX_PAGE_BYTES - bytesOf(style) - FRAME_BYTES;

  const exported = await filesBelow(from);
  for (const path of exported.filter((path) => path !== 'checkpoint')) await files.copy(join(from, path), `${EXPORT}/${path}`);
  await files.copy(join(from, 'checkpoint'), `${EXPORT}/checkpoint`);
  await files.write('files.txt', exported.map((path) => `${EXPORT}/${path}\n`).join(''));
  await files.write('style.css', style);
  await files.write('icon.svg', ICON);
  await files.write('index.html', chooser(codes));

  const put = (page: Page, language: Language): Promise<void> =>
    files.write(sitePath(language.code, page.path), renderPage(page, { language, languages: codes, origin: register.log.origin }));
  const { placeOf, names } = await entryPages(register, languages, budget, put);
  const buckets = bucketsOf(names);
  for (const language of languages) {
    const pages = [
      frontPage(register, language),
      methodPage(register, language, url),
      downloadsPage(language, url),
      ...wallPages(names, register.size, placeOf, budget, language),
      ...searchPages(buckets, placeOf, budget, language),
    ];
    for (const page of pages) await put(page, language);
  }
  const verifier = languages.map((language) => ({ language, page: verifierPage({ register, language, languages: codes, style, script }) }));
  for (const { language, page } of verifier) await files.write(sitePath(language.code, 'verify.html'), page.html);
  await files.write('_headers', headers(codes, verifier[0]?.page.csp ?? ''));
  return files.finish();
}

/** For hosts that read such a file. One policy a page: two that both apply would be joined to the stricter, and the checking page would stand still. */
function headers(codes: readonly LanguageCode[], verifierCsp: string): string {
  const rule = (path: string, lines: readonly string[]): string => `${path}\n${lines.map((line) => `  ${line}\n`).join('')}`;
  const csp = (value: string): string => `Content-Security-Policy: ${value}; frame-ancestors 'none'`;
  return [
    rule('/*', [
      'X-Content-Type-Options: nosniff',
      'Referrer-Policy: no-referrer',
      'Cross-Origin-Opener-Policy: same-origin',
      'Permissions-Policy: camera=(), geolocation=(), microphone=()',
    ]),
    ...['/', '/index.html', ...codes.map((code) => `/${code}/*`)].map((path) => rule(path, [csp(PAGE_CSP)])),
    rule('/verify/*', [csp(verifierCsp)]),
    // Checking pages that come from elsewhere may read the register too.
    rule(`/${EXPORT}/*`, ["Content-Security-Policy: default-src 'none'", 'Access-Control-Allow-Origin: *']),
  ].join('\n');
}

const ICON = Html.trusted(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1d6e5a"/><path d="M4 12V8m4 4V4m4 8V6" stroke="#fff" stroke-width="2"/></svg>\n',
).toString();

/** The style sheet beside this file. */
export async function readStyle(folder: string): Promise<string> {
  return readFile(join(folder, 'style.css'), 'utf8');
}
