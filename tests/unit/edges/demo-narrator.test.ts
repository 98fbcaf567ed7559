import { describe, expect, it } from 'vitest';
import { Narrator } from '../../../src/edges/cli/demo/narrator.js';

function record(isTTY: boolean, json: boolean) {
  const out: string[] = [];
  const err: string[] = [];
  return { out, err, narrator: new Narrator({ out: (text) => out.push(text), err: (text) => err.push(text), isTTY }, json) };
}

describe('narrator', () => {
  it('tells the story on the output, or beside it where a document is asked for', () => {
    const plain = record(false, false);
    plain.narrator.section('One');
    plain.narrator.lines(['a', 'b']);
    expect(plain.out.join('')).toBe('\nOne\n───\na\nb\n');
    const json = record(false, true);
    json.narrator.line('a');
    expect([json.out, json.err]).toEqual([[], ['a\n']]);
  });

  it('moves one line on a terminal and clears it at the end', () => {
    const { out, err, narrator } = record(true, false);
    narrator.progress(500, 1000, 99.6);
    narrator.progress(1000, 1000, 100);
    expect(err).toEqual([`\r\u001b[K    [${'█'.repeat(15)}${' '.repeat(15)}] 500 of 1,000, 100 a second`, '\r\u001b[K']);
    expect(out).toEqual([]);
  });

  it('does not flood a file', () => {
    const { out, err, narrator } = record(false, false);
    for (let i = 0; i < 100; i++) narrator.progress(i, 100, 1);
    expect([...out, ...err]).toEqual([]);
  });
});
