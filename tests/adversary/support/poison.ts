import { encodeInner } from '../../../src/submit/inner-format.js';
import { garbageLike } from './garbage.js';
import { type Attacked, innerOf, made, wrapped } from './sender.js';

/** Submissions that break a rule inside, of every kind that a stranger can make. */
export async function poisonFor(target: Attacked): Promise<Uint8Array[]> {
  const good = await made(target, 1);
  const inner = innerOf(good);
  const padded = encodeInner(inner);
  const statement = Buffer.from(inner.statement).toString();
  const text = (json: string) => encodeInner({ ...inner, statement: new TextEncoder().encode(json) });
  const insides: Uint8Array[] = [
    '{}',
    'null',
    '[]',
    '""',
    '0',
    '',
    ' ',
    '\ufeff{}',
    '{'.repeat(2000),
    '['.repeat(4000),
    `{"key":`.repeat(500),
    statement.replace('"jin fu"', 'null'),
    statement.replace('"jin fu"', '["jin fu"]'),
    statement.replace('"jin fu"', '{"__proto__":1}'),
    statement.replace('"jin fu"', '"\\ud800"'),
    statement.replace('"jin fu"', '"\\u0000"'),
    statement.replace('"jin fu"', '"=1+1"'),
    statement.replace('["party"]', '["nowhere"]'),
    statement.replace('["party"]', '[{}]'),
    statement.replace('["party"]', '[]'),
    statement.replace('["party"]', '"party"'),
    statement.replace('["party"]', '["party","party"]'),
    statement.replace('["party"]', '["__proto__"]'),
    statement.replace('["party"]', '["constructor"]'),
    statement.replace('"alias"', '"name"'),
    statement.replace('"stated"', '"toString"'),
    statement.replace('"live"', '"__proto__"'),
    statement.replace(/"period":"[^"]*"/u, '"period":"9999-99"'),
    statement.replace(/"key":"[^"]*"/u, '"key":""'),
    statement.replace('{', '{"__proto__":{},'),
    statement.replace(/"key":"[^"]*"/u, `"key":"${'0'.repeat(64)}"`),
    statement.replace('{', '{"a":1,'),
    `${statement} `,
    statement.replace('"jin fu"', '1e309'),
  ].map(text);
  for (const slot of ['recordId', 'shred', 'salt', 'locator', 'claimRow'] as const)
    insides.push(encodeInner({ ...inner, [slot]: new Uint8Array(inner[slot].length) }));
  for (const part of ['identity', 'contact', 'link'] as const)
    for (const bytes of [new Uint8Array(0), new Uint8Array(9000), inner[part].slice(1), inner.contact.slice(0, 42)])
      insides.push(encodeInner({ ...inner, [part]: bytes }));
  insides.push(new Uint8Array(padded.length), new Uint8Array(padded.length).fill(0x80), new Uint8Array(padded.length).fill(255));
  for (let i = 0; i < 24; i++) {
    const flipped = padded.slice();
    flipped[(i * 977) % 9600] = (flipped[(i * 977) % 9600] as number) ^ (1 << (i % 8));
    insides.push(flipped);
  }
  const sent = await Promise.all(insides.map(async (inside) => wrapped(target, inside)));
  for (const point of [
    new Uint8Array(65),
    Uint8Array.from([4, ...new Uint8Array(64)]),
    new Uint8Array(65).fill(4),
    new Uint8Array(65).fill(255),
  ]) {
    const copy = good.bytes.slice();
    copy.set(point, 16 + 1088);
    sent.push(copy);
  }
  sent.push(garbageLike(good.bytes));
  return sent;
}
