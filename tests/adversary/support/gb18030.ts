/** An encoder from the tables that every `TextDecoder` carries; Node has none. */
let table: Map<string, readonly number[]> | undefined;

function buildTable(): Map<string, readonly number[]> {
  const decoder = new TextDecoder('gb18030');
  const built = new Map<string, readonly number[]>();
  const add = (bytes: readonly number[]): void => {
    const text = decoder.decode(Uint8Array.from(bytes));
    if ([...text].length === 1 && text !== '\ufffd' && !built.has(text)) built.set(text, bytes);
  };
  for (let one = 0; one < 0x80; one++) add([one]);
  for (let lead = 0x81; lead <= 0xfe; lead++) for (let trail = 0x40; trail <= 0xfe; trail++) if (trail !== 0x7f) add([lead, trail]);
  // Four bytes: 39,420 pointers of the basic plane.
  for (let pointer = 0; pointer < 39_420; pointer++) {
    const b1 = 0x81 + Math.floor(pointer / 12_600);
    const b2 = 0x30 + Math.floor((pointer % 12_600) / 1260);
    const b3 = 0x81 + Math.floor((pointer % 1260) / 10);
    add([b1, b2, b3, 0x30 + (pointer % 10)]);
  }
  return built;
}

/** Undefined where the character set lacks a character. */
export function toGb18030(text: string): Buffer | undefined {
  table ??= buildTable();
  const out: number[] = [];
  for (const character of text) {
    const bytes = table.get(character);
    if (bytes === undefined) return undefined;
    out.push(...bytes);
  }
  return Buffer.from(out);
}
