const hidden = '[secret]';

/**
 * A value that does not print itself.
 *
 * `String(s)`, `JSON.stringify(s)`, template literals and Node's `inspect` give `[secret]`; the value comes out only through
 * `reveal()`, a name one can grep for. It guards against accidents, not against code in the same process.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value. Every call is a place a reviewer looks at. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [Symbol.toPrimitive](): string {
    return hidden;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hidden;
  }
}
