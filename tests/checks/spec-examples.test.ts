import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromHex, fromUtf8, toHex } from '../../src/foundation/bytes.js';
import { compartmentContext } from '../../src/sealed/compartment.js';
import { armourShare } from '../../src/sealed/keys/share-armour.js';
import { decodeShareEnvelope } from '../../src/sealed/keys/share-envelope.js';
import { draftOf, exportOf, type Files, SMALL_PLAN, TRUST } from '../support/export-world.js';
import { pageAt } from './pages.js';
import { ROOT } from './sources.js';

/**
 * Whoever writes a second implementation begins with the worked examples: a wrong digit there costs a day. So every value of a page of
 * docs/spec/ stands in the vectors that the page names, or is computed here from the source.
 */
const PAGES = readdirSync(join(ROOT, 'docs/spec')).filter((name) => name.endsWith('.md'));

const json = (path: string): unknown => JSON.parse(pageAt(path));
const vectors = <T>(name: string): T => json(`tests/vectors/${name}.json`) as T;
const world = exportOf(draftOf(SMALL_PLAN));
const fileOf = (files: Files, path: string): string => fromUtf8(files.get(path) ?? new Uint8Array(0));

/** What stands in no vector as it stands on the page. */
const COMPUTED: Readonly<Record<string, () => Promise<readonly string[]> | readonly string[]>> = {
  'encoding.md': () => [toHex(Uint8Array.of(0, 1, 171, 255))],
  'sealed-compartment.md': () => {
    const [first] = vectors<{ cases: [{ holderId: string }] }>('sealed-compartment').cases;
    return [toHex(compartmentContext(fromHex(first.holderId), 'link'))];
  },
  'share-envelope.md': () => {
    const [{ envelopes }] = vectors<{ cases: [{ envelopes: [string, string] }] }>('share-envelope').cases;
    return [armourShare(decodeShareEnvelope(fromHex(envelopes[1])))];
  },
  'submission.md': () => [toHex(fromBase64(vectors<{ cases: [{ submission: string }] }>('submission').cases[0].submission))],
  'fork-proof.md': () => texts(json('tests/malformed/fork-proof/base-sizes.json')),
  'export.md': async () => [TRUST.key, fileOf(await world, 'checkpoint')],
  'proof.md': async () => [TRUST.key, fileOf(await world, 'batch/002.tlog-proof')],
};

/** Every string in a JSON value. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

async function knownTo(page: string): Promise<readonly string[]> {
  const named = [...pageAt(`docs/spec/${page}`).matchAll(/tests\/vectors\/([a-z0-9-]+)\.json/g)];
  return [...named.flatMap(([, name]) => texts(vectors(String(name)))), ...((await COMPUTED[page]?.()) ?? [])];
}

/** Runs of at least 8 digits, with `…` where the page cuts them: of hex on the whole page, of base64 in its worked example. */
function valuesOn(page: string): readonly string[] {
  const runs = (text: string): readonly string[] => text.match(/[A-Za-z0-9+/=…]{8,}/g) ?? [];
  const isHex = (run: string): boolean => /^[0-9a-f]*…?[0-9a-f]*$/.test(run);
  const isBase64 = (run: string): boolean => /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run);
  const example = /^## Worked example$.*?(?=^## )/ms.exec(page)?.[0] ?? '';
  return [...runs(page).filter(isHex), ...runs(example).filter((run) => !isHex(run) && isBase64(run))];
}

/** Those values whose pieces do not stand, in their order, in one of the texts. */
function strangersIn(page: string, known: readonly string[]): readonly string[] {
  return valuesOn(page).filter((value) => !known.some((text) => holds(text, value.split('…'))));
}

function holds(text: string, pieces: readonly string[]): boolean {
  let at = 0;
  return pieces.every((piece) => {
    const found = text.indexOf(piece, at);
    at = found + piece.length;
    return found >= 0;
  });
}

const changed = (value: string, at: number): string => value.slice(0, at) + (value[at] === '7' ? '8' : '7') + value.slice(at + 1);

describe('worked examples of docs/spec', () => {
  it('every page has one', () => {
    expect(PAGES.length).toBeGreaterThanOrEqual(12);
    expect(PAGES.filter((page) => !/^## Worked example/m.test(pageAt(`docs/spec/${page}`)))).toEqual([]);
    expect(Object.keys(COMPUTED).filter((page) => !PAGES.includes(page))).toEqual([]);
  });

  it.each(PAGES)('%s: every value stands in a vector or is computed', async (name) => {
    const page = pageAt(`docs/spec/${name}`);
    const known = await knownTo(name);
    expect(valuesOn(page).length).toBeGreaterThanOrEqual(2);
    expect(strangersIn(page, known)).toEqual([]);
    // Control: one altered digit in the longest value, at its start and at its end.
    const longest = valuesOn(page).reduce((long, value) => (value.length > long.length ? value : long));
    for (const at of [2, longest.length - 3]) {
      const altered = changed(longest, at);
      expect(strangersIn(page.replaceAll(longest, altered), known)).toContain(altered);
    }
  });

  it('control: the pieces of a cut value must be of one value, in their order', () => {
    const cut = '636e2f636d70…9a704e318917';
    expect(strangersIn(cut, ['00636e2f636d70ffff9a704e318917'])).toEqual([]);
    expect(strangersIn(cut, ['9a704e318917ffff636e2f636d70'])).toEqual([cut]);
    expect(strangersIn(cut, ['636e2f636d70', '9a704e318917'])).toEqual([cut]);
  });

  it('the export has the files, the checkpoint and the proof that export.md and proof.md show', async () => {
    const files = await world;
    const listed = pageAt('docs/spec/export.md').matchAll(/^ {4}((?:checkpoint|log\.json|counts|tile|contents|batch).*?)(?: {3,}|$)/gm);
    const paths = [...listed].flatMap(([, path = '']) => path.replace(' …', '').split(/\s+/));
    expect(paths.length).toBeGreaterThanOrEqual(8);
    expect(paths.filter((path) => !files.has(path))).toEqual([]);
    expect(shown('docs/spec/export.md', 'register.example/log\n')).toBe(fileOf(files, 'checkpoint').trimEnd());
    const proof = fileOf(files, 'batch/002.tlog-proof').trimEnd().split('\n');
    const lines = shown('docs/spec/proof.md', 'c2sp.org/').split('\n');
    expect(lines.map((line, i) => (isCutOf(line, proof[i] ?? '') ? proof[i] : line))).toEqual(proof);
  });
});

function isCutOf(line: string, whole: string): boolean {
  const [head = '', tail] = line.split('…');
  return tail === undefined ? line === whole : whole.startsWith(head) && whole.endsWith(tail);
}

/** The indented block of a page that begins so. */
function shown(path: string, begin: string): string {
  const blocks = pageAt(path).match(/(?:^ {4}.*\n|^\n(?= {4}))+/gm) ?? [];
  return blocks.map((block) => block.replaceAll(/^ {4}/gm, '').trim()).find((block) => block.startsWith(begin)) ?? '';
}
