import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { encodeSignerKey, encodeVerifierKey, makeSigner, parseSignerKey, verifierOf } from 'cryptonym/witness';
import { lockFolder } from './lock.js';
import { stopServer, witnessServer } from './server.js';
import { fileState } from './state.js';
import { openWitness } from './witness.js';

const USAGE = `node witness.js key DIR NAME            makes the key of a witness called NAME and prints its public half
node witness.js run DIR [PORT [HOST]]   runs it; the keys of the logs stand in DIR/logs, one a line`;

async function makeKey(dir: string, name: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const signer = makeSigner(name, new Uint8Array(randomBytes(32)), 4);
  // 'wx': a key that is there already is never written over.
  await writeFile(join(dir, 'key'), `${encodeSignerKey(signer)}\n`, { flag: 'wx', mode: 0o600, flush: true });
  console.log(encodeVerifierKey(verifierOf(signer)));
}

async function run(dir: string, port: number, host: string): Promise<void> {
  const unlock = await lockFolder(dir);
  const signer = parseSignerKey((await readFile(join(dir, 'key'), 'utf8')).trim());
  const logs = (await readFile(join(dir, 'logs'), 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const state = await fileState(join(dir, 'state'));
  const witness = await openWitness({ signer, logs, state, clock: { now: () => Date.now() } });
  // The code of the fault only: a message could name what was asked.
  const server = witnessServer(witness, (error) => console.error('fault', (error as { code?: unknown }).code ?? 'UNKNOWN'));
  server.listen(port, host, () => {
    console.log(`witness ${signer.name} of ${logs.length} logs on ${host}:${(server.address() as AddressInfo).port}`);
  });
  const stop = (): void => {
    void stopServer(server, witness).then(unlock);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

const [command, dir, third, fourth] = process.argv.slice(2);
if (command === 'key' && dir !== undefined && third !== undefined) await makeKey(dir, third);
else if (command === 'run' && dir !== undefined) await run(dir, Number(third ?? 8090), fourth ?? '127.0.0.1');
else {
  console.error(USAGE);
  process.exitCode = 2;
}
