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
  for (let pointer = 0; pointer < 39_420; pointer++) add(fourBytes(pointer));
  return built;
}

/** Rare characters of names lie beyond the basic plane; there the code counts straight on. */
function beyondBasicPlane(character: string): readonly number[] | undefined {
  const pointer = (character.codePointAt(0) ?? 0) - 0x10000;
  return pointer < 0 ? undefined : fourBytes(pointer + 189_000);
}

function fourBytes(pointer: number): readonly number[] {
  return [
    0x81 + Math.floor(pointer / 12_600),
    0x30 + Math.floor((pointer % 12_600) / 1260),
    0x81 + Math.floor((pointer % 1260) / 10),
    0x30 + (pointer % 10),
  ];
}

/** Undefined where the character set lacks a character. */
export function toGb18030(text: string): Buffer | undefined {
  table ??= buildTable();
  const out: number[] = [];
  for (const character of text) {
    const bytes = table.get(character) ?? beyondBasicPlane(character);
    if (bytes === undefined) return undefined;
    out.push(...bytes);
  }
  return Buffer.from(out);
}
