import { RegistryError } from '../../index.js';
import type { WitnessConnection } from '../../witness.js';

/** What an answer may hold: one line of a cosignature, or a size. */
const MAX_ANSWER = 16 * 1024;
const DEFAULT_TIMEOUT = 10_000;

/**
 * A witness by its submission prefix (`https://witness.example/x`) and verifier key. Redirects are not followed, answers are cut at 16 KiB,
 * and nothing of this machine but the checkpoint goes out: no cookie, no referrer, no name of this program.
 *
 * Plain `http:` is for this machine and private networks: a cosignature is verified whatever the line, but a listener learns when a
 * checkpoint was made. Throws `USAGE` for another scheme, or an address with a password, question mark or fragment.
 */
export function fetchWitness(url: string, vkey: string, timeoutMilliseconds: number = DEFAULT_TIMEOUT): WitnessConnection {
  const address = endpoint(url);
  return {
    vkey,
    async send(body) {
      // One time limit over the whole exchange, the body too: a witness that drips holds nobody.
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'user-agent': '' };
      const response = await fetch(address, { method: 'POST', body, headers, redirect: 'manual', credentials: 'omit', signal });
      return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await limitedText(response) };
    },
  };
}

function endpoint(url: string): string {
  let parsed: URL | undefined;
  try {
    parsed = new URL(`${url.replace(/\/+$/, '')}/add-checkpoint`);
  } catch {
    // Refused below, without the address in the message.
  }
  const isPlain = parsed !== undefined && parsed.username === '' && parsed.password === '' && !/[?#]/.test(url);
  if (parsed === undefined || !isPlain || !/^https?:$/.test(parsed.protocol))
    throw new RegistryError('USAGE', 'the address of a witness is https://HOST/PATH');
  return parsed.href;
}

async function limitedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    // Leaving the loop cancels the rest.
    if (length > MAX_ANSWER) throw new RegistryError('WITNESSES_TOO_FEW', 'the answer of a witness is too long', { limit: MAX_ANSWER });
    parts.push(part);
  }
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
}
