/**
 * Reads the small HTML that the example writes and refuses everything else: so what is read here is what every browser reads, and markup that
 * came out of somebody's text is an error and not a surprise. Text of `script` and `style` is given as it stands.
 */
export interface HtmlDocument {
  readonly elements: readonly HtmlElement[];
  /** All text outside of script and style, unescaped, as one string per run. */
  readonly texts: readonly string[];
}

export interface HtmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text directly inside. */
  text: string;
}

const VOID = new Set(['meta', 'link', 'input']);
const RAW = new Set(['script', 'style']);
const ELEMENTS = new Set(
  (
    'html head meta title link style body a header p nav ul ol li main h1 h2 h3 section details summary div dl dt dd strong em small span bdi code pre ' +
    'figure figcaption svg desc rect table caption thead tbody tr th td footer noscript form fieldset legend label input textarea button script'
  ).split(' '),
);
const ATTRIBUTES = new Set(
  (
    'lang dir charset http-equiv content name rel href hreflang class id aria-label aria-current title aria-labelledby aria-describedby aria-hidden role scope ' +
    'viewBox preserveAspectRatio x y width height hidden rows spellcheck autocomplete for type inputmode multiple'
  ).split(' '),
);

export function readHtml(html: string): HtmlDocument {
  const doctype = '<!DOCTYPE html>\n';
  if (!html.startsWith(doctype)) throw new Error('no doctype');
  const elements: HtmlElement[] = [];
  const texts: string[] = [];
  const open: HtmlElement[] = [];
  let at = doctype.length;
  while (at < html.length) {
    if (html[at] !== '<') {
      const end = html.indexOf('<', at);
      const text = unescapeHtml(html.slice(at, end < 0 ? html.length : end));
      if (text.trim() !== '') texts.push(text);
      const inside = open.at(-1);
      if (inside !== undefined) inside.text += text;
      at = end < 0 ? html.length : end;
      continue;
    }
    const close = /^<\/([a-z0-9]+)>/.exec(html.slice(at, at + 20));
    if (close !== null) {
      if (open.pop()?.name !== close[1]) throw new Error(`</${close[1]}> closes nothing`);
      at += close[0].length;
      continue;
    }
    const tag = readTag(html, at);
    elements.push(tag.element);
    at = tag.end;
    if (tag.isClosed) continue;
    if (RAW.has(tag.element.name)) {
      const end = html.indexOf(`</${tag.element.name}>`, at);
      tag.element.text = html.slice(at, end);
      at = end + tag.element.name.length + 3;
    } else {
      open.push(tag.element);
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> is never closed`);
  return { elements, texts };
}

function readTag(html: string, start: number): { readonly element: HtmlElement; readonly end: number; readonly isClosed: boolean } {
  const head = /^<([a-z][a-z0-9]*)/.exec(html.slice(start, start + 20));
  const name = head?.[1] ?? '';
  if (head === null || !ELEMENTS.has(name)) throw new Error(`an unknown element at ${html.slice(start, start + 60)}`);
  const attributes: Record<string, string> = {};
  let at = start + head[0].length;
  for (;;) {
    const part = /^ ([a-zA-Z-]+)(?:="([^"<>]*)")?/.exec(html.slice(at, at + 20_000));
    if (part === null) break;
    const [all, key = '', value = ''] = part;
    if (!ATTRIBUTES.has(key) || key in attributes) throw new Error(`the attribute ${key} at ${html.slice(start, start + 80)}`);
    attributes[key] = unescapeHtml(value);
    at += all.length;
  }
  const isSelfClosed = html.startsWith('/>', at);
  if (!isSelfClosed && html[at] !== '>') throw new Error(`a tag that does not end at ${html.slice(start, start + 80)}`);
  return { element: { name, attributes, text: '' }, end: at + (isSelfClosed ? 2 : 1), isClosed: isSelfClosed || VOID.has(name) };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };

function unescapeHtml(text: string): string {
  return text.replace(/&([^;&]{0,8});?/g, (entity, name: string) => {
    const sign = ENTITIES[name];
    if (sign === undefined || !entity.endsWith(';')) throw new Error(`an entity nobody wrote: ${entity}`);
    return sign;
  });
}
