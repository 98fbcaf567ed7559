/**
 * The one place where text becomes HTML. A page is built from `html` templates only; whatever is put into one is escaped, unless it came out of
 * another. So a hostile alias, text or label is text on every page, in element content and in double-quoted attributes alike.
 */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** For the templates of this file, and for markup that holds no input at all. */
  static trusted(markup: string): Html {
    return new Html(markup);
  }

  toString(): string {
    return this.#markup;
  }
}

export type Part = Html | string | number | undefined | false | readonly Part[];

/** `html`<p>${text}</p>``: parts are escaped; arrays are joined; `undefined` and `false` print nothing. Attributes stand in double quotes. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = template[0] ?? '';
  parts.forEach((part, i) => {
    markup += print(part) + (template[i + 1] ?? '');
  });
  return Html.trusted(markup);
}

function print(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.toString();
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return part.map(print).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/**
 * Besides the signs of markup: controls that would reorder or hide what stands around them (an isolate closed from inside leaves its `<bdi>`),
 * and code units that no HTML may hold. Those are shown as U+FFFD. The register's own rules refuse them already, but not in the labels an
 * operator configures.
 */
const UNSAFE =
  /[&<>"'`\p{Bidi_Control}\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\u200b\u2060-\u2064\u206a-\u206f\ufeff]|[^\P{Cc}\t\n]/gu;

export function escapeHtml(text: string): string {
  return text.replace(UNSAFE, (sign) => ENTITIES[sign] ?? '\ufffd');
}

/** JSON for a `<script type="application/json">` block: nothing in it can end the block. */
export function jsonBlock(value: unknown): Html {
  const escaped = JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return Html.trusted(escaped);
}
