import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
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
