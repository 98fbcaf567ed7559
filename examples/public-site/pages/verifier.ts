import { createHash } from 'node:crypto';
import { Html, html, jsonBlock } from '../html.js';
import { type Language, type LanguageCode, languageOf } from '../language.js';
import { sitePath, VERIFY } from '../page.js';
import { EXPORT, relative } from '../paths.js';
import type { Register } from '../read-export.js';
import { SCRIPT_WORDS, type VerifierSettings } from '../verifier-settings.js';

export interface VerifierInput {
  readonly register: Register;
  readonly language: Language;
  readonly languages: readonly LanguageCode[];
  /** style.css; the page carries the part that it needs. */
  readonly style: string;
  /** Bundled from verifier-script.ts. */
  readonly script: string;
}

/**
 * The checking page: one file with style, script, words and the log's key inside, so that a saved copy is whole and pinned to that key. It is
 * the only page with a script; its policy names that script and style by their hashes and lets it speak to its own origin only.
 */
export function verifierPage({ register, language, languages, style: whole, script }: VerifierInput): {
  readonly html: string;
  readonly csp: string;
} {
  const { strings, tag, code } = language;
  const here = sitePath(code, VERIFY);
  const to = (path: string): string => relative(here, sitePath(code, path));
  const style = styleOfPage(whole);
  if (/<\/(?:script|style)|<!--/i.test(script + style)) throw new RangeError('a script or style that would end its own block');
  const csp = `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
  const words = Object.fromEntries(SCRIPT_WORDS.map((key) => [key, strings[key]]));
  const settings: VerifierSettings = {
    key: register.log.key,
    witnesses: register.log.witnesses,
    base: `${relative(here, EXPORT)}/`,
    tag,
    words: words as VerifierSettings['words'],
  };
  const page = html`<html lang="${tag}" dir="${language.direction}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${strings.verifyTitle} · ${strings.site}</title>
<link rel="icon" href="${relative(here, 'icon.svg')}">
<style>${Html.trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">${strings.skip}</a>
<header>
<p class="site"><a href="${to('index.html')}">${strings.site}</a> <bdi>${register.log.origin}</bdi></p>
<nav aria-label="${strings.menu}"><ul><li><a href="${to('index.html')}">${strings.navFront}</a></li><li><a href="${to('method.html')}">${strings.navMethod}</a></li><li><a href="${to('downloads.html')}">${strings.navDownloads}</a></li></ul></nav>
${languages.length > 1 && html`<nav class="languages" aria-label="${strings.languages}"><ul>${languages.map((other) => languageLink(other, code, here))}</ul></nav>`}
</header>
<main id="main">
<h1>${strings.verifyTitle}</h1>
<p>${strings.verifyLead}</p>
<noscript><p class="important">${strings.verifyNoScript}</p></noscript>
<p id="from-disk" class="important" hidden>${strings.verifyFromDisk}</p>
<div id="result" role="status"></div>
<div id="checks" hidden>
<p><label for="key">${strings.verifyKeyLabel}</label><textarea id="key" rows="3" spellcheck="false" autocomplete="off" aria-describedby="key-hint">${register.log.key}</textarea><small id="key-hint">${strings.verifyKeyHint}</small></p>
<form id="all"><fieldset><legend>${strings.verifyAll}</legend>
<p class="note">${strings.verifyAllHint}</p>
<p><button type="submit">${strings.verifyAll}</button></p></fieldset></form>
<form id="one"><fieldset><legend>${strings.verifyNumber}</legend>
<p><label for="number">${strings.verifyNumberLabel}</label><input id="number" type="text" inputmode="numeric" autocomplete="off" aria-describedby="number-hint"><small id="number-hint">${strings.verifyNumberHint}</small></p>
<p><button type="submit">${strings.verifyButton}</button></p></fieldset></form>
<form id="files"><fieldset><legend>${strings.verifyFile}</legend>
<p><label for="file">${strings.verifyFileLabel}</label><input id="file" type="file"></p>
<p><label for="folder">${strings.verifyFolderLabel}</label><input id="folder" type="file" multiple></p>
<p><button type="submit">${strings.verifyButton}</button></p></fieldset></form>
</div>
</main>
<footer><p>${strings.footer}</p></footer>
<script type="application/json" id="settings">${jsonBlock(settings)}</script>
<script>${Html.trusted(script)}</script>
</body>
</html>
`;
  return { html: `<!DOCTYPE html>\n${page.toString()}`, csp };
}

function languageLink(code: LanguageCode, current: LanguageCode, here: string): Html {
  const { tag, strings } = languageOf(code);
  return html`<li><a href="${relative(here, sitePath(code, VERIFY))}" lang="${tag}" hreflang="${tag}"${code === current ? html` aria-current="true"` : ''}>${strings.languageName}</a></li>`;
}

/** What stands above the style sheet's mark, without comments and spaces: every byte of this page is loaded by whoever only wants to check. */
function styleOfPage(style: string): string {
  const [needed = '', others] = style.split('/* The checking page carries ');
  if (others === undefined) throw new RangeError('a style sheet without the mark of what the checking page needs');
  return needed
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/;? ?([{},;]) ?/g, '$1')
    .replaceAll(': ', ':')
    .trim();
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
