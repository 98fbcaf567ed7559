import { describe, expect, it } from 'vitest';
import { matches } from './import-rules.js';
import { lineCount, SOURCE_FLOOR, sourcesBelow } from './sources.js';

const LONGEST_FILE = 400;
const LONGEST_SEALED_PATH = 1500;

/**
 * Modules through which a real name passes in clear: validation, sealing, opening, and the calls that hand it on. Left out are those that
 * only ever hold what is sealed already: compartment, body-key, inner-format, outer-format, wrap-submission, kappa-keys.
 */
const SEES_A_NAME = [
  'src/sealed/{text,fields,birth-date,identity,contact,seal-*,open-*}.ts',
  'src/submit/{check-registration,leak,make-group,make-submission,prepare-registration,published-part,registration,seal-many}.ts',
  'src/public/{leak-check,suggest-aliases}.ts',
  'src/registry/{register*,sealer}.ts',
  'src/edges/sealing/*.ts',
];

interface Forbidden {
  readonly what: string;
  readonly pattern: RegExp;
  readonly except?: readonly string[];
  /** A line that must be caught: the positive control. */
  readonly example: string;
}

const FORBIDDEN: readonly Forbidden[] = [
  { what: 'weak randomness', pattern: /\bMath\.random\b/, example: 'const r = Math.random();' },
  { what: 'printing', pattern: /\bconsole\./, except: ['src/edges/cli/**'], example: 'console.log(1);' },
  { what: 'a serial number', pattern: /\bAUTOINCREMENT\b|\b(?:BIG)?SERIAL\b/, example: 'id INTEGER PRIMARY KEY AUTOINCREMENT' },
  { what: 'an id from the platform', pattern: /\brandomUUID\s*\(|\buuidv7\b/i, example: 'crypto.randomUUID()' },
  { what: 'any', pattern: /^(?!\s*(?:\*|\/\/|\/\*)).*(?:\bas any\b|:\s*any\b|<any>)/, example: 'const x = y as any;' },
  { what: 'a silenced compiler', pattern: /@ts-(?:ignore|expect-error|nocheck)/, example: '// @ts-ignore' },
  { what: 'a silenced linter', pattern: /(?:eslint|oxlint)-disable|biome-ignore/, example: '// biome-ignore lint: no' },
  { what: 'unfinished work', pattern: /\b(?:TODO|FIXME|XXX)\b|not implemented/i, example: '// TODO later' },
  {
    what: 'a clock of its own',
    pattern: /\bDate\.now\b|\bnew Date\(\)/,
    except: ['src/foundation/clock.ts', 'src/testing/**'],
    example: 'const t = Date.now();',
  },
  { what: 'a default export', pattern: /^export default\b/, example: 'export default 1;' },
  { what: 'export *', pattern: /^export \*/, example: "export * from './a.js';" },
  { what: 'evaluated text', pattern: /\beval\s*\(|\bnew Function\s*\(/, example: 'eval(text)' },
  { what: 'a word the design forbids', pattern: /\bmaster key\b|\bmasterKey\b/i, example: 'const masterKey = 1;' },
];

function offences(path: string, text: string, rule: Forbidden): string[] {
  if (matches(path, rule.except ?? [])) return [];
  return text.split('\n').flatMap((line, i) => (rule.pattern.test(line) ? [`${path}:${i + 1} has ${rule.what}: ${line.trim()}`] : []));
}

describe('source rules', () => {
  const sources = sourcesBelow('src');
  const entries = [...sources];

  it('reads every source', () => {
    expect(sources.size).toBeGreaterThanOrEqual(SOURCE_FLOOR);
  });

  it.each(FORBIDDEN)('no $what', (rule) => {
    expect(offences('src/example.ts', rule.example, rule)).toHaveLength(1);
    expect(entries.flatMap(([path, text]) => offences(path, text, rule))).toEqual([]);
  });

  it(`no file of more than ${LONGEST_FILE} lines`, () => {
    expect(entries.filter(([, text]) => lineCount(text) > LONGEST_FILE).map(([path, text]) => `${path}: ${lineCount(text)} lines`)).toEqual(
      [],
    );
  });

  it('names are kebab-case, and no file is a drawer for everything', () => {
    const wrong = entries.filter(([path]) => !/^[a-z0-9/-]+\.ts$/.test(path) || /\/(?:utils?|types|helpers?|common|misc)\.ts$/.test(path));
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  it(`the path that sees a name in clear stays under ${LONGEST_SEALED_PATH} lines`, () => {
    for (const pattern of SEES_A_NAME)
      expect(
        entries.some(([path]) => matches(path, [pattern])),
        `${pattern} matches nothing`,
      ).toBe(true);
    const path = entries.filter(([file]) => matches(file, SEES_A_NAME)).map(([file, text]) => ({ file, lines: lineCount(text) }));
    const total = path.reduce((sum, { lines }) => sum + lines, 0);
    process.stdout.write(`The path that sees a name in clear: ${total} lines in ${path.length} files.\n`);
    expect(total).toBeLessThanOrEqual(LONGEST_SEALED_PATH);
  });
});
