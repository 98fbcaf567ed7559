import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { HtmlValidate, StaticConfigLoader } from 'html-validate/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chart } from '../../examples/public-site/chart.js';
import { escapeHtml, html } from '../../examples/public-site/html.js';
import { LANGUAGE_CODES, languageOf } from '../../examples/public-site/language.js';
import type { Page } from '../../examples/public-site/page.js';
import { overviewPages } from '../../examples/public-site/pages/lists.js';
import { bucketsOf } from '../../examples/public-site/pages/search.js';
import { filesBelow } from '../../examples/public-site/site-files.js';
import { splitBySize } from '../../examples/public-site/split.js';
import { createCustody } from '../../src/custodian.js';
import { makePolicy, openRegistry } from '../../src/index.js';
import { exportFolder } from '../../src/sqlite.js';
import { decodeLogFile } from '../../src/verify.js';
import { sharedPath } from '../support/shared.js';
import { writeSiteExport } from '../support/site-export.js';
import { buildExample, bundleVerifier, readText, temporaryFolder } from '../support/site-fixture.js';
import { ALIASES, HOSTILE_TEXTS, sampleRegister } from '../support/site-sample.js';
import { type HtmlDocument, readHtml } from '../support/strict-html.js';

const SCRIPT = 'void 0;';
const MAX_BYTES = 60_000;
const LONG_TEXT = '<&"\'>'.repeat(400);
/** An operator's labels are not checked as strictly as an alias: they may try to reorder what stands around them. */
const CATEGORIES = [
  { id: 'party', label: '</bdi><script>alert(1)</script>\u202eytrap\u2069\u2066' },
  { id: 'league', label: 'رابطة الشباب' },
  { id: 'pioneers', label: "=cmd|' /C calc'!A0" },
];

describe('the public site of an invented register', () => {
  const [from, to] = [temporaryFolder('site-export'), temporaryFolder('site')];
  const register = sampleRegister({ more: [...Array(40)].map((_, i) => ({ name: 'long', text: `${i} ${LONG_TEXT}` })) });
  const pages = new Map<string, HtmlDocument>();
  let script = '';

  beforeAll(async () => {
    script = await bundleVerifier();
    await writeSiteExport(from, register, { categories: CATEGORIES });
    await buildExample({ from, to, script });
    for (const path of await filesBelow(to)) if (path.endsWith('.html')) pages.set(path, readHtml(readText(to, path)));
  });
  afterAll(() => {
    for (const folder of [from, to]) rmSync(folder, { recursive: true });
  });

  it('has every kind of page in every language', () => {
    const kinds = [
      'index',
      'method',
      'downloads',
      'names/index',
      'names/000',
      'search/index',
      'entries/index',
      'entries/000',
      'entries/001',
      'entries/001-2',
    ];
    for (const code of LANGUAGE_CODES)
      expect([...pages.keys()]).toEqual(expect.arrayContaining([`verify/${code}.html`, ...kinds.map((kind) => `${code}/${kind}.html`)]));
    const inLanguage = LANGUAGE_CODES.map((code) =>
      [...pages.keys()].filter((path) => path.startsWith(`${code}/`)).map((path) => path.slice(3)),
    );
    for (const paths of inLanguage) expect(paths).toEqual(inLanguage[0]);
  });

  it('shows hostile names, texts and labels as text: nothing but its own elements and attributes is on any page', () => {
    expect(pages.size).toBeGreaterThan(100);
    const texts = new Set([...pages.values()].flatMap((page) => page.elements.map((element) => element.text)));
    for (const shown of [...ALIASES, ...HOSTILE_TEXTS]) expect(texts).toContain(shown);
    expect(texts).toContain('</bdi><script>alert(1)</script>\ufffdytrap\ufffd\ufffd');
    for (const [path, { elements }] of pages)
      expect(
        elements.filter(({ name }) => name === 'script'),
        path,
      ).toHaveLength(path.startsWith('verify/') ? 2 : 0);
  });

  it('every page says in which direction it is read', () => {
    for (const [path, { elements }] of pages) {
      const { attributes } = elements.find(({ name }) => name === 'html') ?? {};
      expect(attributes?.['dir'], path).toBe('ltr');
    }
  });

  it('isolates and marks the language of every alias and text', () => {
    const { elements } = pages.get('en/entries/000.html')!;
    const languages = new Map(elements.filter(({ name }) => name === 'bdi').map(({ text, attributes }) => [text, attributes['lang']]));
    expect(languages.get('金福')).toBe('zh');
    expect(languages.get('أمان')).toBe('und-Arab');
    expect(languages.get('jin fu')).toBe('und');
    const texts = elements.filter(({ name, attributes }) => name === 'p' && attributes['dir'] === 'auto');
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.every(({ attributes }) => attributes['lang'] !== undefined)).toBe(true);
  });

  it('keeps every page below 60 kB with its style sheet, the checking page with its script too', () => {
    const style = statSync(join(to, 'style.css')).size;
    const sizes = [...pages.keys()].map(
      (path) => [path, statSync(join(to, path)).size + (path.startsWith('verify/') ? 0 : style)] as const,
    );
    expect(sizes.filter(([, size]) => size >= MAX_BYTES)).toEqual([]);
    expect(script.length).toBeGreaterThan(40_000);
    for (const code of LANGUAGE_CODES) expect(readText(to, `verify/${code}.html`)).toContain(script);
  });

  it('asks no other host for anything and has links that lead somewhere', () => {
    const anchors = (path: string): ReadonlySet<string | undefined> =>
      new Set(pages.get(path)!.elements.map(({ attributes }) => attributes['id']));
    let links = 0;
    for (const [path, { elements }] of pages) {
      for (const { attributes } of elements) {
        expect(attributes['style'] ?? attributes['src'] ?? attributes['onclick']).toBeUndefined();
        const { href } = attributes;
        if (href === undefined) continue;
        expect(href).not.toMatch(/^[a-z]+:|^\/|\\/i);
        const [file = '', anchor] = href.split('#');
        const target = file === '' ? path : normalize(join(dirname(path), file));
        expect(existsSync(join(to, target)), `${path} → ${href}`).toBe(true);
        if (anchor !== undefined) expect(anchors(target), `${path} → ${href}`).toContain(anchor);
        links++;
      }
    }
    expect(links).toBeGreaterThan(5000);
    expect(readText(to, 'style.css')).not.toMatch(/url\(|@import|https?:/);
  });

  it('has a policy on every page, and names the one script by its hash', () => {
    for (const [path, { elements }] of pages) {
      const csp = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy')?.attributes['content'];
      expect(csp, path).toMatch(/^default-src 'none'; /);
      expect(csp?.includes('script-src')).toBe(path.startsWith('verify/'));
      if (path.startsWith('verify/')) expect(csp).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    }
    const headers = readText(to, '_headers');
    for (const rule of ['/en/*', '/zh/*', '/sv/*', '/fr/*', '/verify/*', '/register/*'])
      expect(headers).toContain(`${rule}\n  Content-Security-Policy: default-src 'none'`);
  });

  it('shows every state of an entry', () => {
    const { elements } = pages.get('en/entries/000.html')!;
    const said = elements.map(({ text }) => text);
    for (const text of [
      'Changed in batch 2; this is the newest version.',
      'Taken back in batch 2.',
      'Evidence raised in batch 3.',
      'Shown under the real name since batch 3.',
    ])
      expect(said).toContain(text);
    expect(said.filter((text) => text.startsWith('Content withheld.'))).toHaveLength(1);
    expect(said).toContain('Maria Real');
    expect(said).toContain('A text of a later day.');
  });

  it('gives for each batch on an entry page the hashes that lead to its own signed state', () => {
    const read = (path: string): Buffer => readFileSync(join(to, path));
    const hash = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
    const hasBatch = ({ elements }: HtmlDocument): boolean => elements.some(({ attributes }) => attributes['id'] === 'b4');
    const [, { elements }] = [...pages].find(([path, page]) => path.startsWith('en/entries/000') && hasBatch(page))!;
    const start = elements.findIndex(({ attributes }) => attributes['id'] === 'b4');
    const codes = elements
      .slice(start)
      .filter(({ name }) => name === 'code')
      .map(({ text }) => text);
    const size = Number(/^register\.example\/log\n(\d+)\n(\S+)$/m.exec(read('register/batch/004.tlog-proof').toString())?.[1]);
    expect(size).toBeGreaterThan(256);
    // Bundle 0 is full in batch 4: its hash is the root of the 256 hashes of tile 0; one hash follows, of the rest.
    let level: readonly Buffer[] = Array.from({ length: 256 }, (_, i) => read('register/tile/0/000').subarray(i * 32, i * 32 + 32));
    while (level.length > 1)
      level = Array.from({ length: level.length / 2 }, (_, i) => hash(Buffer.of(1), level[2 * i]!, level[2 * i + 1]!));
    expect(codes).toHaveLength(2);
    const root = hash(Buffer.of(1), level[0]!, Buffer.from(codes[1]!, 'base64')).toString('base64');
    expect(codes[0]).toBe(root);
    expect(read('register/batch/004.tlog-proof').toString()).toContain(`register.example/log\n${size}\n${root}\n`);
  });

  it('is valid HTML', async () => {
    const validator = new HtmlValidate(
      new StaticConfigLoader({
        root: true,
        extends: ['html-validate:recommended', 'html-validate:a11y'],
        rules: { 'long-title': 'off', 'no-trailing-whitespace': 'off', 'require-sri': 'off', 'void-style': 'off', 'svg-focusable': 'off' },
      }),
    );
    // All pages of one language; of the others those that are not lists.
    const validated = [...pages.keys()].filter((path) => path.startsWith('en/') || !/\/(?:entries|names|search)\//.test(path));
    expect(validated.length).toBeGreaterThan(50);
    for (const path of validated) {
      const report = await validator.validateString(readText(to, path), path);
      expect(
        report.results.flatMap(({ messages }) => messages).map(({ ruleId, message, line }) => `${path}:${line} ${ruleId} ${message}`),
      ).toEqual([]);
    }
  });

  it('gives commands that work: openssl verifies the newest signature as the method page says', () => {
    if (spawnSync('openssl', ['version']).error !== undefined) return void process.stdout.write('skipped: openssl is not installed\n');
    const pre = pages
      .get('en/method.html')!
      .elements.filter(({ name }) => name === 'pre')
      .map(({ text }) => text);
    const folder = temporaryFolder('site-openssl');
    const commands = pre.find((text) => text.includes('openssl'))!.replace(/^curl .*$/m, `cp '${join(to, 'register/checkpoint')}' .`);
    const run = (): ReturnType<typeof spawnSync> => spawnSync('sh', ['-ec', commands], { cwd: folder, encoding: 'utf8' });
    expect(run().stdout).toContain('Signature Verified Successfully');
    writeFileSync(
      join(to, 'register/checkpoint'),
      readText(to, 'register/checkpoint').replace(/\n(\d)/, (_, digit: string) => `\n${(Number(digit) % 9) + 1}`),
    );
    expect(run().status).not.toBe(0);
    rmSync(folder, { recursive: true });
  });
});

describe('building again', () => {
  it('writes only what changed, keeps full bundles as they are, and removes what is gone', async () => {
    const [from, to] = [temporaryFolder('site-export'), temporaryFolder('site')];
    const batches = sampleRegister({ batches: 6, perBatch: 80 });
    const build = async (upTo: number) => {
      rmSync(from, { recursive: true });
      await writeSiteExport(from, batches.slice(0, upTo));
      return buildExample({ from, to, script: SCRIPT, languages: ['en'] });
    };
    await build(4);
    expect((await build(4)).written).toBe(0);
    const before = readText(to, 'en/entries/000.html');
    writeFileSync(join(to, 'robots.txt'), 'not ours');
    const partial = (await filesBelow(to)).filter((path) => path.includes('.p/'));
    const again = await build(6);
    expect(readText(to, 'en/entries/000.html')).toBe(before);
    expect(again.unchanged).toBeGreaterThan(15);
    expect(again.removed).toBeGreaterThanOrEqual(partial.length);
    expect(partial.filter((path) => existsSync(join(to, path)))).toEqual([]);
    expect(readText(to, 'robots.txt')).toBe('not ours');

    await writeSiteExport(from, [...batches, { date: '2026-12-01', changes: [{ of: 9, kind: 'removal', by: 'registry' }] }]);
    await buildExample({ from, to, script: SCRIPT, languages: ['en'] });
    expect(readText(to, 'en/entries/000.html')).not.toBe(before);
    for (const folder of [from, to]) rmSync(folder, { recursive: true });
  });

  it('refuses an export whose counts, signature or files do not belong together', async () => {
    const [from, to] = [temporaryFolder('site-export'), temporaryFolder('site')];
    const attempt = (): Promise<unknown> => buildExample({ from, to, script: SCRIPT, languages: ['en'] });
    await writeSiteExport(from, sampleRegister());
    const counts = readText(from, 'counts.json');
    writeFileSync(join(from, 'counts.json'), counts.replace(/"total":\d+/, '"total":9999'));
    await expect(attempt()).rejects.toThrow();
    writeFileSync(join(from, 'counts.json'), counts);
    await attempt();
    const checkpoint = readText(from, 'checkpoint');
    writeFileSync(join(from, 'checkpoint'), checkpoint.replace(/\n(\d)/, '\n9$1'));
    await expect(attempt()).rejects.toMatchObject({ code: 'NOTE_INVALID' });
    writeFileSync(join(from, 'checkpoint'), checkpoint);
    appendFileSync(join(from, 'contents/000.json'), ' ');
    await expect(attempt()).rejects.toMatchObject({ code: 'EXPORT_INVALID' });
    for (const folder of [from, to]) rmSync(folder, { recursive: true });
  });

  it('makes pages of an empty register', async () => {
    const [from, to] = [temporaryFolder('site-export'), temporaryFolder('site')];
    await writeSiteExport(from, []);
    await buildExample({ from, to, script: SCRIPT });
    for (const path of await filesBelow(to)) if (path.endsWith('.html')) readHtml(readText(to, path));
    expect(readText(to, 'en/index.html')).toContain('Nothing has been published yet.');
    for (const folder of [from, to]) rmSync(folder, { recursive: true });
  });
});

it('builds from what a registry exports, with its key', async () => {
  const [dir, from, to] = [temporaryFolder('site-registry'), temporaryFolder('site-export'), temporaryFolder('site')];
  const { keys } = await createCustody();
  const registry = await openRegistry({ dir: join(dir, 'registry'), keys, policy: makePolicy('tiny', ['league', 'party']) });
  for (const alias of ['jin fu', '金福', 'أمان'])
    await registry.register({ identity: { names: ['王小明'] }, statement: { alias, categories: ['league'], text: HOSTILE_TEXTS[0] } });
  await registry.publish({ now: true });
  await registry.log.export(exportFolder(from));
  await registry.close();
  const { key } = decodeLogFile(readFileSync(join(from, 'log.json')));
  await buildExample({ from, to, script: SCRIPT, key });
  const { elements } = readHtml(readText(to, 'zh/entries/000.html'));
  expect(elements.map(({ text }) => text)).toEqual(expect.arrayContaining(['jin fu', '金福', 'أمان', HOSTILE_TEXTS[0]]));
  const other = key.replace(/^[^+]+/, 'register.example');
  await expect(buildExample({ from, to, script: SCRIPT, key: other })).rejects.toMatchObject({ code: 'REPLAY_FAILED' });
  for (const folder of [dir, from, to]) rmSync(folder, { recursive: true });
});

describe('its parts', () => {
  it('has every text in every language, with the same places for values', () => {
    const english = languageOf('en').strings;
    const placesOf = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    const flat = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : (value as readonly unknown[]).flatMap(flat));
    const alike = new Set(['alias', 'comma', 'open', 'close', 'verifyWorking', 'menu']);
    for (const code of LANGUAGE_CODES.filter((code) => code !== 'en')) {
      const { strings } = languageOf(code);
      expect(Object.keys(strings).sort()).toEqual(Object.keys(english).sort());
      for (const key of Object.keys(english) as (keyof typeof english)[]) {
        const [there, here] = [flat(english[key]), flat(strings[key])];
        expect(here.map(placesOf), `${code} ${key}`).toEqual(there.map(placesOf));
        expect(
          here.every((text) => text.trim() !== '' || key === 'comma'),
          `${code} ${key}`,
        ).toBe(true);
        if (!alike.has(key)) expect(here, `${code} ${key}`).not.toEqual(there);
      }
    }
  });

  it('escapes in one place', () => {
    expect(html`<p title="${'"><script>'}">${['<', html`<b>`, undefined, false, 3]}</p>`.toString()).toBe(
      '<p title="&quot;&gt;&lt;script&gt;">&lt;<b>3</p>',
    );
    expect(escapeHtml('a\u202eb\u2066c\u2069d\u0000e\ud800f\u200dg')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\u200dg');
    expect(escapeHtml('𠮷')).toBe('𠮷');
  });

  const payloads = sharedPath('vectors/strings/csv-payload.txt');
  it.skipIf(payloads === undefined)('spreadsheet formulas of the shared corpus are text like any other (skipped without ../shared)', () => {
    const lines = readFileSync(payloads!, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      const page = readHtml(`<!DOCTYPE html>
${html`<p title="${line}">${line}</p>`.toString()}`);
      expect(page).toMatchObject({ elements: [{ name: 'p', text: line }], texts: [line] });
    }
  });

  it('cuts lists so that a longer list keeps its first runs', () => {
    const sizes = [...Array(50)].map((_, i) => ((i * 37) % 11) + 1);
    const all = splitBySize(sizes, (size) => size, 30);
    expect(all.flat()).toEqual(sizes);
    expect(all.every((run) => run.reduce((sum, size) => sum + size, 0) <= 30)).toBe(true);
    for (let length = 1; length < sizes.length; length++) {
      const some = splitBySize(sizes.slice(0, length), (size) => size, 30);
      expect(all.slice(0, some.length - 1)).toEqual(some.slice(0, -1));
    }
  });

  it('lists many pages in groups, each of which leads to its own', () => {
    const overview = { folder: 'entries', title: 'All', intro: '', pages: 70_000, width: 256, size: 69_999 * 256 + 7 };
    const [index, ...groups] = overviewPages(overview, languageOf('en'));
    const linksOf = (page: Page | undefined): readonly string[] =>
      [...String(page?.main).matchAll(/href="([^"]+)"/g)].map(([, href]) => href!);
    expect(linksOf(index).map((href) => `entries/${href}`)).toEqual(groups.map(({ path }) => path));
    expect(groups.flatMap(linksOf)).toHaveLength(70_000);
    expect(groups.flatMap(linksOf).at(-1)).toBe('x069/999.html');
    expect(Math.max(...[index, ...groups].map((page) => String(page?.main).length))).toBeLessThan(40_000);
  });

  it.each([
    [30, 30, 'by day of publication'],
    [400, 14, 'by month of publication'],
    [4000, 11, 'by year of publication'],
  ])('draws %i days of statements as %i bars, and leaves none out', (days, bars, unit) => {
    const batches = Array.from({ length: days }, (_, i) => {
      const date = new Date(Date.parse('2026-01-01') + i * 86_400_000).toISOString().slice(0, 10);
      return { batch: i + 1, date, start: i * 11, end: i * 11 + 11, before: i * 10, after: i * 10 + 10 };
    });
    const drawn = String(chart({ batches, log: { policy: makePolicy('standard', ['party']) } }, languageOf('en')));
    expect(drawn.match(/<rect /g)).toHaveLength(bars);
    expect(drawn).toContain(unit);
    const counts = [...drawn.matchAll(/<td>([\d,]+)<\/td>/g)].map(([, count]) => Number(count?.replaceAll(',', '')));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(days * 10);
  });

  it('puts every name into exactly one bucket, whatever it begins with', () => {
    const names = [...Array(3000)].map((_, index) => ({
      index,
      name: index % 3 === 0 ? 'jin fu' : index % 3 === 1 ? `jin ${index}` : `${ALIASES[index % ALIASES.length]}`,
    }));
    const walk = (bucket: ReturnType<typeof bucketsOf>): readonly number[] => [
      ...bucket.names.map(({ index }) => index),
      ...bucket.longer.flatMap(walk),
    ];
    expect([...walk(bucketsOf(names))].sort((a, b) => a - b)).toEqual(names.map(({ index }) => index));
  });
});
