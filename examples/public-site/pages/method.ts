import { fill } from '../fill.js';
import { type Html, html } from '../html.js';
import type { Language } from '../language.js';
import { type Page, sitePath } from '../page.js';
import { EXPORT, relative } from '../paths.js';
import type { Register } from '../read-export.js';

/** How a statement gets in, what the numbers mean, how they could be false, and the commands that find out. */
export function methodPage(register: Register, language: Language, url: string): Page {
  const { strings } = language;
  const { k, delayDays } = register.log.policy;
  const waiting = [delayDays === 1 ? strings.inNotDelayed : strings.inDelayed, k === 1 ? strings.inNoCrowd : strings.inCrowd];
  const list = (items: readonly string[]): Html => html`${items.map((item) => html`<li>${fill(item, { k: language.number(k) })}</li>\n`)}`;
  const terms = (items: readonly (readonly [string, string])[]): Html =>
    html`<dl class="ways">${items.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>\n`)}</dl>`;
  const main = html`<p>${strings.methodLead}</p>
<h2>${strings.inTitle}</h2><ol>${list([...strings.inSteps, ...waiting, ...strings.inPublished])}</ol>
<h2>${strings.meansTitle}</h2>${terms(strings.means)}
<h2 id="false">${strings.falseTitle}</h2><p>${strings.falseIntro}</p>${terms(strings.falseWays)}
<h2>${strings.silentTitle}</h2><ul>${list(strings.silent)}</ul>
<h2>${strings.safeTitle}</h2><ul>${list(strings.safe)}</ul>
${check(register, language, url)}
${rules(register, language)}`;
  return { path: 'method.html', title: strings.methodTitle, main };
}

function check({ log }: Register, language: Language, url: string): Html {
  const { strings, code } = language;
  const to = (path: string): string => relative(sitePath(code, 'method.html'), path);
  return html`<h2 id="check">${strings.checkTitle}</h2>
<p>${strings.keyIs}</p><pre>${log.key}</pre>
<p>${strings.checkProgram}</p><pre>npx cryptonym verify ${url}${EXPORT}/ --key '${log.key}'</pre>
<p>${strings.checkOpenssl}</p><pre>${opensslCommands(url, log.key)}</pre>
<p>${strings.checkGo}</p>
<p><a href="${to(sitePath(code, 'downloads.html'))}">${strings.checkFiles}</a> · <a href="${to(`verify/${code}.html`)}">${strings.proofRecount}</a></p>`;
}

/** The signed text is three lines; a signature line is base64 of a four-byte key id and the Ed25519 signature. */
export function opensslCommands(url: string, key: string): string {
  return `curl -sO ${url}${EXPORT}/checkpoint
head -n 3 checkpoint > text
sed -n 5p checkpoint | cut -d' ' -f3 | base64 -d | tail -c 64 > signature
(printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; echo '${key}' | cut -d+ -f3- | base64 -d | tail -c 32) > key.der
openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature`;
}

function rules({ log }: Register, language: Language): Html {
  const { strings, number } = language;
  const { preset, k, delayDays, maxHoldDays } = log.policy;
  return html`<h2>${strings.policyTitle}</h2>
${(k === 1 || delayDays === 1) && html`<p class="important">${strings.policyLinkable}</p>`}
<dl class="ways">
<dt>${strings.policyKind}</dt><dd>${preset}</dd>
<dt>${strings.policyK}</dt><dd>${number(k)}</dd>
<dt>${strings.policyDelay}</dt><dd>${delayDays === 'auto' ? strings.policyAuto : number(delayDays)}</dd>
<dt>${strings.policyHold}</dt><dd>${number(maxHoldDays)}</dd>
</dl>
<h3>${strings.witnesses}</h3>
${log.witnesses === '' ? html`<p>${strings.noWitnesses}</p>` : html`<pre>${log.witnesses}</pre>`}`;
}
