import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const GO_FOLDER = resolve(import.meta.dirname, '../go');
/** Where Debian puts the sources of golang-golang-x-mod-dev. */
const GO_PATH = '/usr/share/gocode';
const MODULES = join(GO_PATH, 'src/golang.org/x/mod/sumdb');

export function hasProgram(name: string, ...versionArguments: string[]): boolean {
  return spawnSync(name, versionArguments, { stdio: 'ignore' }).status === 0;
}

export const hasGo: boolean = existsSync(join(MODULES, 'note/note.go')) && hasProgram('go', 'version');
export const hasOpenssl: boolean = hasProgram('openssl', 'version');

/** Compiles one of the Go programs; `cache` is a folder of the test. Gives a function that runs it with arguments and input. */
export function buildGo(name: string, cache: string): (args: readonly string[], input?: string) => SpawnSyncReturns<string> {
  const program = join(cache, name);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cache,
    GOPATH: GO_PATH,
    GOCACHE: join(cache, 'build'),
    GO111MODULE: 'off',
    GOFLAGS: '',
    CGO_ENABLED: '0',
  };
  const built = spawnSync('go', ['build', '-o', program, join(GO_FOLDER, `${name}.go`)], { env, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`go build: ${built.stderr}`);
  return (args, input = '') => spawnSync(program, args, { encoding: 'utf8', input });
}

/** SubjectPublicKeyInfo of an Ed25519 key up to the 32 bytes themselves (RFC 8410 §4). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** Does openssl verify the first signature of a note, as an Ed25519 signature over its text? Everything is cut out here by hand. */
export function opensslVerifies(work: string, publicKey: Uint8Array, note: string): boolean {
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(work, name), content);
    return join(work, name);
  };
  const end = note.lastIndexOf('\n\n');
  const [, encoded = ''] = /^— \S+ (\S+)\n/.exec(note.slice(end + 2)) ?? [];
  // Four bytes of key id, then the signature (C2SP signed-note).
  const signature = Buffer.from(encoded, 'base64').subarray(4);
  const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([SPKI_HEAD, publicKey]).toString('base64')}\n-----END PUBLIC KEY-----\n`;
  const files = ['-inkey', file('key.pem', pem), '-sigfile', file('signature', signature), '-in', file('text', note.slice(0, end + 1))];
  return spawnSync('openssl', ['pkeyutl', '-verify', '-pubin', '-rawin', ...files], { stdio: 'ignore' }).status === 0;
}
