import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRows, outlineCsv } from '../../../src/edges/cli/csv-file.js';
import { fileBytes } from '../../../src/edges/cli/read-input.js';
import type { ImportSummary } from '../../../src/edges/cli/import-summary.js';
import { cli } from '../../support/cli-shell.js';

const root = mkdtempSync(join(tmpdir(), 'cli-import-'));
let serial = 0;
let dir = '';
beforeAll(async () => {
  dir = await fresh();
});
afterAll(() => rmSync(root, { recursive: true }));

async function fresh(): Promise<string> {
  const made = join(root, `r${serial++}`);
  await cli(['init', '--dir', made, '--custody', `${made}-custody`, '--policy', 'tiny']);
  return made;
}

function csv(content: string | Uint8Array): string {
  const path = join(root, `f${serial++}.csv`);
  writeFileSync(path, content);
  return path;
}

async function imported(argv: readonly string[]): Promise<ImportSummary & { code: number }> {
  const { code, out } = await cli(['import', ...argv, '--json']);
  return { ...(JSON.parse(out) as ImportSummary), code };
}

async function records(registry: string): Promise<number> {
  const { out } = await cli(['records', '--dir', registry, '--json']);
  return (JSON.parse(out) as { records: string[] }).records.length;
}

const rowsOf = (count: number, mark = ''): string =>
  `name,categories,phone,group\n${Array.from({ length: count }, (_, i) => `王小明${mark}${i},party,1380000${1000 + i},g${i >> 1}`).join('\n')}\n`;

describe('a messy file', () => {
  const CANARIES = ['王建国', 'فاطمة', '13800001111', 'O’Brien'];
  const messy = (): string =>
    csv(
      [
        '\ufeffalias, Name ,categories,phone,statement,evidence,publish_as,period,channel,email',
        'jin fu,王建国;Wang Jianguo,party+league,13800001111; 13900002222,"I leave, at last.\nFor ""good"".",contact,,2026-03,Phone,w@example.org',
        ',فاطمة,league,,,,,,,',
        '',
        ',,,,,,,,,',
        '=cmd|calc,李秀英,party,,,,,,,', // 3
        'wan shun,张伟,navy,,,,,,,', // 4
        `wan shun,刘洋,party,,${'字'.repeat(1000)},,,,,`, // 5: 3,000 bytes
        `wan shun,陈静,party,,${'x'.repeat(1_000_000)},,,,,`, // 6
        'wan shun,杨勇', // 7
        'wan shun,赵敏,party,,,,yes,,,', // 8
        'wan shun,黄磊,party,,,proven,,,,', // 9
        'wan shun,,party,,,,,,,', // 10
        'wan shun,周涛,,,,,,,,', // 11
        'wan shun,吴\u0007刚,party,,,,,,,', // 12
        'wan shun,郑爽,party,12,,,,,,', // 13
        'wan shun,孙丽,party,,,,,1066-10,,', // 14
        '王芳,王芳,party,,,,,,,', // 15
        ',O’Brien,party,,,verified,name,,,', // 16: good
      ].join('\r\n'),
    );
  const REJECTED = [
    { row: 3, code: 'ALIAS_INVALID', field: 'statement.alias' },
    { row: 4, code: 'CATEGORY_UNKNOWN', field: 'statement.categories' },
    { row: 5, code: 'STATEMENT_TOO_LARGE', field: 'statement.text' },
    { row: 6, code: 'IMPORT_INVALID', field: 'statement' },
    { row: 7, code: 'IMPORT_INVALID' },
    { row: 8, code: 'IMPORT_INVALID', field: 'publish_as' },
    { row: 9, code: 'STATEMENT_INVALID', field: 'statement.evidence' },
    { row: 10, code: 'IDENTITY_INVALID', field: 'identity.names' },
    { row: 11, code: 'STATEMENT_INVALID', field: 'statement.categories' },
    { row: 12, code: 'IDENTITY_INVALID', field: 'identity.names' },
    { row: 13, code: 'CONTACT_INVALID', field: 'contact.phones' },
    { row: 14, code: 'STATEMENT_INVALID', field: 'statement.period' },
    { row: 15, code: 'STATEMENT_LEAKS_NAME', field: 'statement.alias' },
  ];

  it('says of every row what is wrong, the same in a dry run, and takes the rest once', async () => {
    const file = messy();
    expect(await imported([file, '--dir', dir, '--dry-run'])).toMatchObject({
      code: 1,
      dryRun: true,
      rows: 16,
      accepted: 3,
      rejected: REJECTED,
    });
    expect(await records(dir)).toBe(0);
    const report = join(root, 'report.json');
    const { code, out, err } = await cli(['import', file, '--dir', dir, '--report', report, '--batch', '4']);
    expect(code).toBe(1);
    expect(out).toMatch(/accepted +3\n.*rejected +13\n/s);
    expect(out).toMatch(/13 +CONTACT_INVALID +contact\.phones/);
    expect(out).toContain('make a new file with only these rows');
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ rows: 16, accepted: 3, rejectedTotal: 13, rejected: REJECTED });
    expect(statSync(report).mode & 0o777).toBe(0o600);
    for (const canary of CANARIES) expect(out + err + readFileSync(report, 'utf8')).not.toContain(canary);
    expect(await records(dir)).toBe(3);

    const again = await cli(['import', file, '--dir', dir]);
    // What was refused is told again: nobody may take the rows for stored because the first run's report is lost.
    expect(again).toMatchObject({ code: 1 });
    expect(again.out).toContain('Nothing new: this file was imported before.');
    expect(again.out).toMatch(/13 +CONTACT_INVALID +contact\.phones/);
    expect(await records(dir)).toBe(3);

    await cli(['publish', '--dir', dir, '--now']);
    const { entries } = JSON.parse((await cli(['entries', '--dir', dir, '--json'])).out) as { entries: Record<string, unknown>[] };
    expect(entries.map(({ name, origin, text, period }) => ({ name, origin, text, period }))).toEqual(
      expect.arrayContaining([
        { name: 'jin fu', origin: 'import', text: 'I leave, at last.\nFor "good".', period: '2026-03' },
        expect.objectContaining({ name: 'O’Brien', origin: 'import' }),
      ]),
    );
  });
});

describe('a file that is refused as a whole stores nothing', () => {
  const NAME = '王建国';
  const gbk = Uint8Array.of(
    0x6e,
    0x61,
    0x6d,
    0x65,
    0x2c,
    0x63,
    0x61,
    0x74,
    0x65,
    0x67,
    0x6f,
    0x72,
    0x69,
    0x65,
    0x73,
    0x0a,
    0xcd,
    0xf5,
    0x2c,
    0x61,
  );
  it.each<[string, string | Uint8Array, RegExp]>([
    ['another encoding', gbk, /not UTF-8/],
    ['UTF-8 cut off', new TextEncoder().encode(`name,categories\n${NAME}`).slice(0, -1), /not UTF-8/],
    ['a surrogate', Uint8Array.of(...new TextEncoder().encode('name,categories\n'), 0xed, 0xa0, 0x80), /not UTF-8/],
    ['nothing in it', '', /is empty/],
    ['nothing but commas', ',,,\n,,,\n', /its rows are blank/],
    ['an unknown column', `name,categories,${NAME}\n`, /column 3 has an unknown name\. Allowed: name, birth_date/],
    ['semicolons', 'name;categories\n', /column 1 has an unknown name/],
    ['a column twice', 'name,categories,name\n', /twice/],
    ['no names', 'alias,categories\n', /column name is missing/],
    ['a quotation mark inside a cell', `name,categories\na,party\n${NAME}"b,party\n`, /row 2: a quotation mark/],
    ['text after a closing one', `name,categories\n"${NAME}"b,party\n`, /row 1: a quotation mark/],
    ['one never closed', `name,categories\na,party\nb,party\n"${NAME},party\n`, /row 3: a quotation mark/],
    ['one never closed in a long file', `name,categories\n"${NAME},party\n${'x,party\n'.repeat(1_100_000)}`, /row 1: longer than 8 MiB/],
    ['a row that is too long', `name,categories\na,party\n${'x'.repeat(9_000_000)},party\n`, /row 2: longer than 8 MiB/],
  ])('%s', async (_, content, message) => {
    const before = await records(dir);
    for (const dry of [[], ['--dry-run']]) {
      const { code, out, err } = await cli(['import', csv(content), '--dir', dir, ...dry]);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^error IMPORT_INVALID: /);
      expect(err).toMatch(message);
      expect(err).not.toContain(NAME);
    }
    expect(await records(dir)).toBe(before);
  });

  it('a report that would overwrite it', async () => {
    const file = csv(rowsOf(1));
    const before = readFileSync(file);
    expect((await cli(['import', file, '--dir', dir, '--report', file])).code).toBe(2);
    expect(readFileSync(file)).toEqual(before);
  });

  it('a report that would overwrite something of the registry, or a file that is no report', async () => {
    const file = csv(rowsOf(1));
    const share = join(root, 'somebody.share');
    writeFileSync(share, 'a share');
    const targets = [join(dir, 'keys', 'registry.json'), join(dir, 'sealed', 'vault.db'), join(dir, 'new.json'), share];
    const before = targets.map((path) => (existsSync(path) ? readFileSync(path) : undefined));
    for (const path of targets)
      for (const dry of [[], ['--dry-run']])
        expect(await cli(['import', file, '--dir', dir, '--report', path, ...dry])).toMatchObject({ code: 2, out: '' });
    expect(targets.map((path) => (existsSync(path) ? readFileSync(path) : undefined))).toEqual(before);
    const report = join(root, 'again.json');
    for (let run = 0; run < 2; run++) expect((await cli(['import', file, '--dir', dir, '--dry-run', '--report', report])).code).toBe(0);
  });

  it('a header alone is no error', async () => {
    expect(await imported([csv('name,categories\n'), '--dir', dir])).toMatchObject({ code: 0, rows: 0, accepted: 0, rejectedTotal: 0 });
  });
});

describe('reading', () => {
  const cells = async (path: string, outline: Awaited<ReturnType<typeof outlineCsv>>) => {
    const rows: (readonly string[])[] = [];
    for await (const row of csvRows(() => fileBytes(path, 'import'), outline)) rows.push(row);
    return rows;
  };

  it('keeps characters whole wherever the disk cuts the file', async () => {
    const names = Array.from({ length: 9000 }, (_, i) => `${'王'.repeat(1 + (i % 7))}𠀀é${i}`);
    const path = csv(`\ufeffname,categories\r\n${names.map((name) => `"${name}",party`).join('\r\n')}`);
    const outline = await outlineCsv(() => fileBytes(path, 'import'));
    expect(outline.rows).toBe(9000);
    expect((await cells(path, outline)).map(([name]) => name)).toEqual(names);
  });

  it('notices a file that changed between the two readings', async () => {
    const path = csv('name,categories\na,party\n');
    const outline = await outlineCsv(() => fileBytes(path, 'import'));
    expect(await cells(path, outline)).toEqual([['a', 'party']]);
    writeFileSync(path, 'name,categories\nb,party\n');
    await expect(cells(path, outline)).rejects.toMatchObject({ code: 'IMPORT_MISMATCH' });
  });
});

describe('interrupted and run again', () => {
  it('Ctrl-C after some batch, again and again: every row once', async () => {
    const registry = await fresh();
    const file = csv(`${rowsOf(40)}bad,navy,,\n`);
    const accepted: number[] = [];
    const rejected: number[] = [];
    let runs = 0;
    for (let complete = false; !complete; runs++) {
      let batches = 0;
      const { code, out, err } = await cli(['import', file, '--dir', registry, '--batch', '7'], {
        isTTY: true,
        onErr: (_, interrupt) => {
          if (++batches === 2) interrupt();
        },
      });
      complete = out.startsWith('Import finished.');
      expect(code).toBe(1);
      if (!complete) expect(out).toContain('Run the same command with the same file to go on');
      expect(err).not.toContain('王小明');
      accepted.push(Number(/accepted +(\d+)/.exec(out)?.[1]));
      rejected.push(Number(/rejected +(\d+)/.exec(out)?.[1]));
    }
    expect(runs).toBeGreaterThan(2);
    expect(accepted.reduce((sum, n) => sum + n, 0)).toBe(40);
    expect(rejected.reduce((sum, n) => sum + n, 0)).toBe(1);
    expect(await records(registry)).toBe(40);
    const row41 = { row: 41, code: 'CATEGORY_UNKNOWN', field: 'statement.categories' };
    expect(await imported([file, '--dir', registry])).toMatchObject({ code: 1, accepted: 0, skipped: 41, rejected: [row41] });
  });

  it('what an earlier run refused is told by the one that ends the import', async () => {
    const registry = await fresh();
    const file = csv(rowsOf(20).replace('\n', '\nbad,navy,,\n'));
    const first = await cli(['import', file, '--dir', registry, '--batch', '7'], { isTTY: true, onErr: (_, interrupt) => interrupt() });
    expect(first.out).toContain('Import interrupted.');
    const report = join(root, 'second.json');
    const refused = [{ row: 1, code: 'CATEGORY_UNKNOWN', field: 'statement.categories' }];
    expect(await imported([file, '--dir', registry, '--report', report])).toMatchObject({
      code: 1,
      complete: true,
      rejectedTotal: 1,
      rejected: refused,
    });
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ rows: 21, skipped: expect.any(Number) as number, rejected: refused });
    expect(await records(registry)).toBe(20);
  });

  it('a dry run may be interrupted too', async () => {
    const file = csv(rowsOf(600));
    const { code, out } = await cli(['import', file, '--dir', dir, '--dry-run'], { isTTY: true, onErr: (_, interrupt) => interrupt() });
    expect(code).toBe(1);
    expect(out).toMatch(/^Check interrupted\.\n +rows read +256\n/);
  });

  it('tells quietly, in lines, when nobody watches', async () => {
    const { err } = await cli(['import', csv(rowsOf(12, 'q')), '--dir', dir, '--batch', '4']);
    expect(err).toMatch(/^4 of 12 rows, \d+ a second, .+ left\n$/);
  });
});
