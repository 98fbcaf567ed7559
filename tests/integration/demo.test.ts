import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDemo } from '../../src/edges/cli/demo/demo.js';
import { openRegistry } from '../../src/index.js';

interface DemoReport {
  readonly dir: string;
  readonly custody: string;
  readonly registered: Readonly<Record<string, number>>;
  readonly imported: { readonly people: number };
  readonly afterEightDays: { readonly perDay: { readonly average: number } };
  readonly counts: { readonly total: number; readonly byOrigin: { readonly import: number } };
  readonly checks: Readonly<Record<string, boolean>>;
  readonly ok: boolean;
}

const home = mkdtempSync(join(tmpdir(), 'demo-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a small demo', () => {
  const told: string[] = [];
  const printed: string[] = [];
  let exit: number;
  let report: DemoReport;

  beforeAll(async () => {
    // A folder that is taken is left alone.
    mkdirSync(join(home, 'registry'));
    writeFileSync(join(home, 'registry', 'mine.txt'), 'mine');
    const output = { out: (text: string) => printed.push(text), err: (text: string) => told.push(text), isTTY: false };
    exit = await runDemo({ dir: join(home, 'registry'), custody: join(home, 'custody'), people: 200, json: true }, output);
    report = JSON.parse(printed.join('')) as DemoReport;
  });

  it('passes all its own checks and says so', () => {
    expect(report.checks).toEqual(Object.fromEntries(Object.keys(report.checks).map((name) => [name, true])));
    expect(Object.keys(report.checks).length).toBeGreaterThanOrEqual(15);
    expect(exit).toBe(0);
    expect(told.join('')).toContain('All checks passed');
  });

  it('counts everybody exactly once', () => {
    expect(report.imported.people).toBe(200);
    expect(report.counts.total).toBe(report.registered['total']);
    expect(report.counts.byOrigin.import).toBe(200);
    expect(report.afterEightDays.perDay.average).toBeGreaterThan(0);
  });

  it('leaves a registry that opens today, beside a folder that was taken', async () => {
    expect(report.dir).toBe(join(home, 'registry-2'));
    expect(readdirSync(join(home, 'registry'))).toEqual(['mine.txt']);
    expect(existsSync(join(report.custody, 'custodian-5', 'vault.share'))).toBe(true);
    const registry = await openRegistry({ dir: report.dir });
    expect((await registry.counts()).total).toBe(report.counts.total);
    expect((await registry.health()).ok).toBe(true);
    await registry.close();
  });

  it('tells each part of the story', () => {
    const story = told.join('');
    for (const part of ['family of five', 'Nineteen officials', 'relayed', 'insists on the real name', 'SHARES_TOO_FEW', 'smallest cell']) {
      expect(story).toContain(part);
    }
  });
});

describe('a demo that is asked for something wrong', () => {
  it('refuses a custody folder inside the registry, before anything is made', async () => {
    const silent = { out: () => undefined, err: () => undefined, isTTY: false };
    const dir = join(home, 'other');
    await expect(runDemo({ dir, custody: join(dir, 'custody'), people: 1, json: false }, silent)).rejects.toMatchObject({
      code: 'CUSTODY_INSIDE_REGISTRY',
    });
    expect(existsSync(dir)).toBe(false);
  });
});
