import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../../src/edges/cli/demo/checks.js';
import { runDemo } from '../../src/edges/cli/demo/demo.js';
import { Totals } from '../../src/edges/cli/demo/totals.js';
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
    expect(existsSync(join(report.custody, 'vault-5-of-5.share'))).toBe(true);
    const registry = await openRegistry({ dir: report.dir });
    expect((await registry.counts()).total).toBe(report.counts.total);
    expect((await registry.health()).ok).toBe(true);
    await registry.close();
  });

  it('would have noticed one statement too many, a promise not kept, and an address on the disk', async () => {
    const registry = await openRegistry({ dir: report.dir });
    const registered = new Totals();
    registered.addRegistration({ identity: { names: ['王小明'] }, statement: { categories: ['league'] } });
    const [aliased] = await first(registry.entries());
    const shownName = { entryId: aliased!.entryId, realName: aliased!.name ?? '', sealedTexts: ['"policy"'] };
    const calls = { shownName, hostile: shownName, family: [], people: 0 };
    const opening = { name: '李四', entryId: 'ff'.repeat(16), checks: { 'a refusal': false } };
    const { failed } = await verify(registry, report.dir, { registered, calls, opening, sealedTexts: [] });
    await registry.close();
    expect(failed).toEqual(
      expect.arrayContaining([
        'a refusal',
        'the person opened is one of those registered',
        'the link leads to a published entry',
        'the real name asked for is shown',
        'a stranger’s call shows the alias',
        'all five of the family are there',
        'no sealed address, workplace or telephone in any byte',
        'counts are exactly what was registered',
        'the register, recounted entry by entry, says the same',
        'as many records as statements, nothing waiting',
      ]),
    );
    expect(failed).toHaveLength(10);
  });

  it('tells each part of the story', () => {
    const story = told.join('');
    for (const part of ['family of five', 'Nineteen officials', 'relayed', 'insists on the real name', 'SHARES_TOO_FEW', 'smallest cell']) {
      expect(story).toContain(part);
    }
  });
});

async function first<T>(items: AsyncIterable<T>): Promise<T[]> {
  for await (const item of items) return [item];
  return [];
}

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
