import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopServer, witnessServer } from '../../../examples/witness/server.js';
import { fileState, type WitnessState } from '../../../examples/witness/state.js';
import { openWitness } from '../../../examples/witness/witness.js';
import { proveConsistency } from '../../../src/log/prove.js';
import { encodeAddCheckpoint } from '../../../src/log/witness-request.js';
import { type TestLog, witnessKey } from '../../support/test-log.js';

export const SECONDS = 1_770_000_000;

export interface Running {
  readonly vkey: string;
  readonly url: string;
  readonly dir: string;
  readonly server: Server;
  readonly faults: readonly unknown[];
  post(body: string | Uint8Array): Promise<Response>;
  stop(): Promise<void>;
  /** Stops and forgets everything. */
  remove(): Promise<void>;
}

export interface StartOptions {
  readonly seed?: number;
  readonly dir?: string;
  /** Wraps the state on the disk. */
  readonly state?: (state: WitnessState) => WitnessState;
  readonly now?: () => number;
}

/** The example as it is, on a port of its own. */
export async function startWitness(logs: readonly string[], options: StartOptions = {}): Promise<Running> {
  const { seed = 31, dir = mkdtempSync(join(tmpdir(), 'witness-')), now = () => SECONDS * 1000 } = options;
  const { signer, vkey } = witnessKey(`witness.example/${seed}`, seed);
  const files = await fileState(dir);
  const witness = await openWitness({ signer, logs, state: options.state?.(files) ?? files, clock: { now } });
  const faults: unknown[] = [];
  const server = witnessServer(witness, (error) => faults.push(error));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = (): Promise<void> => stopServer(server, witness);
  return {
    vkey,
    url,
    dir,
    server,
    faults,
    post: (body) => fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as BodyInit }),
    stop,
    async remove() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A request as an honest log makes it. */
export async function requestOf(log: TestLog, oldSize: number, note = log.note()): Promise<string> {
  const proof = oldSize === 0 || oldSize > log.size ? [] : await proveConsistency(log.reader, oldSize, log.size);
  return encodeAddCheckpoint({ oldSize, proof, checkpoint: note });
}
