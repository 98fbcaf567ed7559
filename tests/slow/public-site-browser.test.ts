import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGE_CODES } from '../../examples/public-site/language.js';
import { filesBelow } from '../../examples/public-site/site-files.js';
import {
  axeFindings,
  hasChromium,
  NO_SCRIPT,
  type StaticServer,
  serveFolder,
  spokenText,
  type Visit,
  visit,
} from '../support/site-browser.js';
import { writeSiteExport } from '../support/site-export.js';
import { readStyle } from '../../examples/public-site/build.js';
import { buildExample, bundleVerifier, SITE, temporaryFolder } from '../support/site-fixture.js';
import { HOSTILE_TEXTS, sampleRegister } from '../support/site-sample.js';

const KINDS = [
  'index',
  'method',
  'downloads',
  'names/index',
  'names/000',
  'search/index',
  'search/6a',
  'search/623',
  'entries/index',
  'entries/000',
  'entries/001',
];

/** Attempts beside those of the shared sample: what each parser state would run, if an alias or text could reach it. */
const ATTEMPTS = [
  '<img src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<math><mtext></table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '</title></textarea></style></noscript></script><script>alert(1)</script>',
  '<a href="javascript:alert(1)">x</a>',
  '<object data="data:text/html,<script>alert(1)</script>"></object>',
  '<form><button formaction=javascript:alert(1)>x',
  '<svg><script>alert&#40;1)</script></svg>',
  '<template><script>alert(1)</script></template>',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e',
];

describe.skipIf(!hasChromium)('the public site in a browser', () => {
  const [from, to] = [temporaryFolder('site-export'), temporaryFolder('site')];
  let script = '';
  let server: StaticServer;
  const open: Visit[] = [];
  const browse = async (...options: Parameters<typeof visit>): Promise<Visit> => {
    const visiting = await visit(...options);
    open.push(visiting);
    return visiting;
  };

  beforeAll(async () => {
    script = await bundleVerifier();
    await writeSiteExport(from, sampleRegister({ more: ATTEMPTS.map((text) => ({ name: 'wan shun', text })) }));
    await buildExample({ from, to, script });
    server = await serveFolder(to);
  });
  afterEach(async () => {
    for (const visiting of open.splice(0)) await visiting.close();
  });
  afterAll(async () => {
    await server.close();
    for (const folder of [from, to]) rmSync(folder, { recursive: true });
  });

  it.each([true, false])('JavaScript %s: asks nobody but its own host, and runs nothing that somebody wrote', async (javaScriptEnabled) => {
    const { page, requests, messages } = await browse({ javaScriptEnabled });
    const paths = (await filesBelow(to)).filter((path) => path.endsWith('.html'));
    for (const path of paths.filter((path) => /^(?:index|zh|verify\/zh)/.test(path))) {
      const answer = await page.goto(`${server.url}/${path}`);
      expect(answer?.status(), path).toBe(200);
    }
    expect(requests.length).toBeGreaterThan(40);
    expect(requests.filter((url) => !url.startsWith(`${server.url}/`))).toEqual([]);
    expect(messages).toEqual([]);
  });

  it('leads from the front page to a name, its entry and its proof by links alone, without JavaScript', async () => {
    const { page } = await browse({ javaScriptEnabled: false });
    await page.goto(`${server.url}/`);
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByRole('link', { name: 'Find a name' }).click();
    await page.getByRole('link', { name: /^金/ }).click();
    await page.getByRole('link', { name: '金福' }).first().click();
    expect(new URL(page.url()).hash).toMatch(/^#n\d+$/);
    const row = page.locator(':target');
    expect(await row.textContent()).toContain('金福');
    await page.getByText('Proof', { exact: true }).first().click();
    await page.getByRole('link', { name: 'Signed state of batch 1' }).waitFor();
    await page.getByRole('link', { name: '简体中文' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-Hans');
  });

  it('shows every hostile text as the text it is', async () => {
    const { page } = await browse();
    const shown = new Set<string>();
    for (const path of (await filesBelow(to)).filter((path) => path.startsWith('en/entries/0'))) {
      await page.goto(`${server.url}/${path}`);
      for (const text of await page.locator('.entries p').allTextContents()) shown.add(text);
      const names = await page.evaluate(() =>
        [...new Set([...document.querySelectorAll('main *')].map(({ localName }) => localName))].sort(),
      );
      expect(
        names.every((name) => 'a bdi code details div em h1 h2 li nav ol p section span summary ul'.split(' ').includes(name)),
        names.join(),
      ).toBe(true);
    }
    for (const text of [...HOSTILE_TEXTS, ...ATTEMPTS]) expect(shown).toContain(text);
  });

  it.each(LANGUAGE_CODES)('axe finds nothing on any kind of page: %s', async (code) => {
    const { page } = await browse({ bypassCSP: true });
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const path of ['index.html', `verify/${code}.html`, ...KINDS.map((kind) => `${code}/${kind}.html`)]) {
        await page.goto(`${server.url}/${path}`);
        if (path.endsWith('entries/000.html')) await page.locator('summary').first().click();
        expect(await axeFindings(page), `${path} ${scheme}`).toEqual([]);
      }
    }
  });

  it('axe finds something on a page that has something: the positive control', async () => {
    const { page } = await browse({ bypassCSP: true });
    await page.goto(`${server.url}/en/index.html`);
    await page.evaluate(() => {
      document.documentElement.removeAttribute('lang');
      document.body.append(document.createElement('img'));
    });
    expect((await axeFindings(page)).map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(['html-has-lang', 'image-alt']));
  });

  it('fits a narrow screen: no page is wider than 320 pixels', async () => {
    const { page } = await browse({ viewport: { width: 320, height: 700 } });
    for (const code of LANGUAGE_CODES) {
      for (const path of [`verify/${code}.html`, ...KINDS.map((kind) => `${code}/${kind}.html`)]) {
        await page.goto(`${server.url}/${path}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
      }
    }
  });

  describe('the checking page', () => {
    const result = async (page: Visit['page'], form: string): Promise<{ readonly kind: string; readonly text: string }> => {
      await page.evaluate(() => document.getElementById('result')?.replaceChildren());
      await page.click(`#${form} button`);
      const shown = page
        .locator('#result p')
        .and(page.locator('.good, .bad'))
        .or(page.locator('#result p:text-matches("read|läsas|lus|读")'));
      await shown.first().waitFor();
      return { kind: (await shown.first().getAttribute('class')) ?? '', text: (await shown.first().textContent()) ?? '' };
    };

    it.each([
      ['en', /^Everything fits\. The log has \d+ entries up to .* 1 taken back/],
      ['zh', /^全部相符。/],
      ['sv', /^Allt stämmer\./],
      ['fr', /^Tout concorde\./],
    ])('says in one sentence that a good register is good: %s', async (code, sentence) => {
      const { page, requests, messages } = await browse();
      await page.goto(`${server.url}/verify/${code}.html`);
      expect(await result(page, 'all')).toMatchObject({ kind: 'good', text: expect.stringMatching(sentence) as string });
      expect(messages).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(`${server.url}/`))).toEqual([]);
    });

    it('checks a register number from whole bundles, so the server learns 1 of 256', async () => {
      const asked: string[][] = [];
      for (const number of ['7', '200']) {
        const { page, requests } = await browse();
        await page.goto(`${server.url}/verify/en.html`);
        await page.fill('#number', number);
        expect(await result(page, 'one')).toMatchObject({
          kind: 'good',
          text: expect.stringMatching(/^Entry \d+ lies in the signed log/) as string,
        });
        asked.push(requests.map((url) => new URL(url).pathname).sort());
      }
      expect(asked[0]).toEqual(asked[1]);
    });

    it('checks proof files, older signed states and a downloaded folder', async () => {
      const { page } = await browse();
      await page.goto(`${server.url}/verify/en.html`);
      await page.setInputFiles('#file', join(from, 'batch/002.tlog-proof'));
      expect(await result(page, 'files')).toMatchObject({ kind: 'good', text: expect.stringContaining('The proof is right') as string });
      const older = readFileSync(join(from, 'batch/002.tlog-proof'), 'utf8').split('\n\n').slice(1).join('\n\n');
      await page.setInputFiles('#file', { name: 'checkpoint', mimeType: 'text/plain', buffer: Buffer.from(older) });
      expect(await result(page, 'files')).toMatchObject({
        kind: 'good',
        text: expect.stringContaining('Nothing of it was changed') as string,
      });
    });

    it('works from a disk with the downloaded folder, and says what it needs', async () => {
      const { page, requests } = await browse();
      await page.goto(`file://${to}/verify/en.html`);
      await page.getByText('You opened this page from your disk').waitFor();
      await page.setInputFiles('#folder', join(to, 'register'));
      expect(await result(page, 'files')).toMatchObject({ kind: 'good' });
      expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
    });

    it.each([
      ['a count', 'counts.json', (bytes: Buffer) => Buffer.from(bytes.toString().replace(/"total":\d+/, '"total":987654'))],
      ['a name', 'contents/000.json', (bytes: Buffer) => Buffer.from(bytes.toString().replace('jin fu', 'jin fa'))],
      ['an entry', 'tile/entries/000', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('"stated"', '"STATED"'), 'latin1')],
      ['a hash', 'tile/0/000', (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 1000 ? byte ^ 1 : byte)))],
      ['a signature', 'checkpoint', (bytes: Buffer) => Buffer.from(bytes.toString().replace(/\n(\d)/, '\n9$1'))],
      ['a batch proof', 'batch/003.tlog-proof', (bytes: Buffer) => Buffer.from(bytes.toString().replace(/^index \d+$/m, 'index 1'))],
    ])('raises an alarm where %s was changed', async (_what, file, tamper) => {
      const copy = temporaryFolder('site-tampered');
      cpSync(to, copy, { recursive: true });
      const path = join(copy, 'register', file);
      const before = readFileSync(path);
      writeFileSync(path, tamper(before));
      expect(readFileSync(path).equals(before)).toBe(false);
      const tampered = await serveFolder(copy);
      const { page } = await browse();
      await page.goto(`${tampered.url}/verify/en.html`);
      expect(await result(page, 'all')).toMatchObject({
        kind: 'bad',
        text: expect.stringMatching(/^Alarm: this does not fit\./) as string,
      });
      await tampered.close();
      rmSync(copy, { recursive: true });
    });

    it('raises an alarm for another key, and none where the register cannot be read', async () => {
      const { page } = await browse();
      await page.goto(`${server.url}/verify/en.html`);
      const key = await page.inputValue('#key');
      const other = temporaryFolder('site-other');
      await page.fill('#key', (await writeSiteExport(other, sampleRegister(), { origin: 'register.example/other' })).key);
      expect(await result(page, 'all')).toMatchObject({ kind: 'bad' });
      await page.fill('#key', key);
      await page.route('**/register/**', (route) => route.abort());
      expect(await result(page, 'all')).toMatchObject({ kind: '', text: expect.stringContaining('could not be read') as string });
      rmSync(other, { recursive: true });
    });

    it('carries all the style it needs: nothing on it matches the rules of the other pages', async () => {
      const { page } = await browse({ bypassCSP: true });
      await page.goto(`${server.url}/verify/en.html`);
      await result(page, 'all');
      const parts = (await readStyle(SITE)).split(/(?=\/\* The checking page carries )/);
      const matched = parts.map((part) =>
        page.evaluate((text) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(text);
          const selectors = (rules: Iterable<CSSRule>): readonly string[] =>
            [...rules].flatMap((rule) =>
              rule instanceof CSSStyleRule ? [rule.selectorText] : rule instanceof CSSMediaRule ? selectors(rule.cssRules) : [],
            );
          return selectors(sheet.cssRules).filter((selector) => document.querySelector(selector) !== null);
        }, part),
      );
      const [needed, others] = await Promise.all(matched);
      expect(needed?.length).toBeGreaterThan(25); // the control
      expect(others).toEqual([]);
    });

    it('says without JavaScript that it needs it', async () => {
      const without = await browse({}, NO_SCRIPT);
      await without.page.goto(`${server.url}/verify/sv.html`);
      expect(await spokenText(without)).toContain('behöver JavaScript');
      const { page } = await browse();
      await page.goto(`${server.url}/verify/sv.html`);
      expect(await page.getByText('behöver JavaScript').isVisible()).toBe(false);
    });
  });
});
