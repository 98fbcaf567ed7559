import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import axe from 'axe-core';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.csv': 'text/csv; charset=utf-8',
};

export const hasChromium = existsSync(CHROMIUM);
if (!hasChromium) process.stdout.write(`skipped: no ${CHROMIUM}; the pages are not looked at in a browser\n`);

export const NO_SCRIPT = '--blink-settings=scriptEnabled=false';

export interface StaticServer {
  readonly url: string;
  close(): Promise<unknown>;
}

/** Any web server: it gives the files of a folder, and knows nothing of them. */
export async function serveFolder(root: string): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const asked = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const path = asked.endsWith('/') ? `${asked}index.html` : asked;
    readFile(join(root, path)).then(
      (bytes) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(done);
      }),
  };
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Every address the browser asked for. */
  readonly requests: readonly string[];
  /** Messages of its console and errors of scripts: a blocked script or style would be one. */
  readonly messages: readonly string[];
  close(): Promise<void>;
}

/**
 * A browser with a fresh profile and one page. `javaScriptEnabled: false` only keeps scripts from running; with the argument `NO_SCRIPT` the
 * parser knows of it too, and shows what stands in `<noscript>`.
 */
export async function visit(options: BrowserContextOptions = {}, ...more: readonly string[]): Promise<Visit> {
  const profile = mkdtempSync(join(tmpdir(), 'site-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [...ARGUMENTS, ...more],
    headless: true,
    ...options,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const requests: string[] = [];
  const messages: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('dialog', (dialog) => {
    messages.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    context,
    page,
    requests,
    messages,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** What a reader is told, read from outside of the page: it works without any script. */
export async function spokenText({ context, page }: Visit): Promise<string> {
  const session = await context.newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes.map(({ name }) => String(name?.value ?? '')).join('\n');
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds on a page, one line each. The context must bypass the page's own policy, or axe cannot be put into it. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ content: axe.source });
  return page.evaluate(async (tags) => {
    const { axe } = globalThis as unknown as {
      readonly axe: {
        run(
          root: Document,
          options: object,
        ): Promise<{
          readonly violations: readonly {
            readonly id: string;
            readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)} ${node.failureSummary}`));
  }, RULES);
}
