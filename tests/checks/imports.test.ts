import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importGraph } from './import-graph.js';
import { ROOM_RULES } from './import-rules.js';
import { importViolations } from './import-violations.js';
import { ROOT, SOURCE_FLOOR, sourcesBelow } from './sources.js';

describe('import rules of the rooms', () => {
  const sources = sourcesBelow('src');
  const graph = importGraph(sources);

  it('reads every source', () => {
    expect(sources.size).toBeGreaterThanOrEqual(SOURCE_FLOOR);
    expect(sources.size).toBeGreaterThanOrEqual(trackedSources());
    expect(graph.edges.length).toBeGreaterThan(sources.size);
  });

  it('finds no import that the table does not allow', () => {
    expect(importViolations(graph)).toEqual([]);
  });
});

/** How many sources git knows, or 0 outside a checkout. */
function trackedSources(): number {
  try {
    const listed = execFileSync('git', ['ls-files', 'src'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return listed.split('\n').filter((path) => path.endsWith('.ts') && existsSync(join(ROOT, path))).length;
  } catch {
    return 0;
  }
}

/** Positive control: each of these small worlds breaks one rule, and the check must say so. */
const ILLEGAL: readonly { readonly what: string; readonly files: Readonly<Record<string, string>>; readonly says: RegExp }[] = [
  {
    what: 'sealed → public, type only',
    files: { 'src/sealed/a.ts': "import type { B } from '../public/b.js';", 'src/public/b.ts': 'export interface B {}' },
    says: /sealed\/a\.ts:1 \(sealed\) may not import src\/public\/b\.ts \(type\)/,
  },
  {
    what: 'sealed → public, inline type import',
    files: { 'src/sealed/a.ts': "export type A = import('../public/b.js').B;", 'src/public/b.ts': 'export interface B {}' },
    says: /may not import src\/public\/b\.ts \(type\)/,
  },
  {
    what: 'public → claims, re-export',
    files: { 'src/public/a.ts': "export { b } from '../claims/b.js';", 'src/claims/b.ts': 'export const b = 1;' },
    says: /may not import src\/claims\/b\.ts/,
  },
  {
    what: 'sealed → public, transitively through vocabulary',
    files: {
      'src/sealed/a.ts': "import { v } from '../vocabulary/v.js';",
      'src/vocabulary/v.ts': "export { b as v } from '../public/b.js';",
      'src/public/b.ts': 'export const b = 1;',
    },
    says: /sealed\/a\.ts \(sealed\) reaches src\/public\/b\.ts, which it must never reach/,
  },
  {
    what: 'intake → opening, transitively',
    files: {
      'src/intake.ts': "export { a } from './submit/a.js';",
      'src/submit/a.ts': "export { a } from '../sealed/a.js';",
      'src/sealed/a.ts': "export { a } from './open-compartment.js';",
      'src/sealed/open-compartment.ts': 'export const a = 1;',
    },
    says: /intake\.ts \(entry \.\/intake\) reaches src\/sealed\/open-compartment\.ts, which it must never reach/,
  },
  {
    what: 'intake → foundation opening, type only',
    files: {
      'src/intake.ts': "export type { A } from './foundation/hpke-open.js';",
      'src/foundation/hpke-open.ts': 'export interface A {}',
    },
    says: /intake\.ts .* reaches src\/foundation\/hpke-open\.ts/,
  },
  {
    what: 'intake → opening, dynamic import',
    files: { 'src/intake.ts': "export const f = () => import('./foundation/hpke-open.js');", 'src/foundation/hpke-open.ts': '' },
    says: /reaches src\/foundation\/hpke-open\.ts/,
  },
  {
    what: 'verify → sealed',
    files: { 'src/verify.ts': "import './sealed/a.js';", 'src/sealed/a.ts': '' },
    says: /verify\.ts:1 \(entry \.\/verify\) may not import src\/sealed\/a\.ts/,
  },
  {
    what: 'index → driver by a static import',
    files: { 'src/index.ts': "export { x } from './sqlite.js';", 'src/sqlite.ts': 'export const x = 1;' },
    says: /index\.ts:1 \(entry \.\) may not import src\/sqlite\.ts/,
  },
  {
    what: 'a Node built-in in a portable room',
    files: { 'src/sealed/a.ts': "import { createHash } from 'node:crypto';" },
    says: /may not import node:crypto/,
  },
  {
    what: 'a built-in without its prefix',
    files: { 'src/backends/a.ts': "import { createHash } from 'crypto';" },
    says: /may not import crypto/,
  },
  { what: 'a package that the room may not use', files: { 'src/foundation/a.ts': "import { z } from 'zod';" }, says: /may not import zod/ },
  { what: 'require', files: { 'src/stores/a.ts': "const a = require('left-pad');" }, says: /may not import left-pad \(require\)/ },
  { what: 'a computed import', files: { 'src/stores/a.ts': 'export const f = (name: string) => import(name);' }, says: /computed name/ },
  { what: 'a missing file', files: { 'src/foundation/a.ts': "import './b.js';" }, says: /which is no file/ },
  { what: 'a new room', files: { 'src/utils/a.ts': '' }, says: /lies in no room/ },
  {
    what: 'registry → vault opening',
    files: { 'src/registry/a.ts': "import '../sealed/open-record.js';", 'src/sealed/open-record.ts': '' },
    says: /reaches src\/sealed\/open-record\.ts, which it must never reach/,
  },
  {
    what: 'a store of one world → another world',
    files: {
      'src/stores/sqlite/vault.ts': "import type { P } from '../../public/ports.js';",
      'src/public/ports.ts': 'export interface P {}',
    },
    says: /vault\.ts:1 \(stores: sealed\) may not import src\/public\/ports\.ts \(type\)/,
  },
  {
    what: 'a store taking more than types from its port',
    files: { 'src/stores/sqlite/vault.ts': "import { P } from '../../sealed/ports.js';", 'src/sealed/ports.ts': 'export const P = 1;' },
    says: /may not import src\/sealed\/ports\.ts/,
  },
];

describe('positive control of the import rules', () => {
  it.each(ILLEGAL)('refuses $what', ({ files, says }) => {
    const violations = importViolations(importGraph(new Map(Object.entries(files))));
    expect(violations.join('\n')).toMatch(says);
  });

  it('accepts what is allowed, and the lazy driver', () => {
    const files = {
      'src/index.ts': "export { a } from './registry/a.js';\nexport const f = () => import('./sqlite.js');",
      'src/registry/a.ts': "import type { A } from '../sealed/a.js';\nimport type { B } from '../public/b.js';\nexport const a = 1;",
      'src/sealed/a.ts': 'export interface A {}',
      'src/public/b.ts': 'export interface B {}',
      'src/sqlite.ts': "export { d } from './stores/sqlite/driver.js';",
      'src/stores/sqlite/driver.ts': "import 'node:fs';\nexport const d = 1;",
    };
    expect(importViolations(importGraph(new Map(Object.entries(files))))).toEqual([]);
  });

  it('names every room once', () => {
    const names = ROOM_RULES.map((rule) => rule.room);
    expect(new Set(names).size).toBe(names.length);
  });
});
