/** A process to be searched: an intake server, a sealing server or a registrar's device, as it is told. Bundled by programs.ts. */
import { isUtf8 } from 'node:buffer';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getHeapSnapshot } from 'node:v8';
import { systemClock } from '../../../src/foundation/clock.js';
import { openRegistry, type Registration, type Registry } from '../../../src/index.js';
import { decodePublicKeys, makeSubmission } from '../../../src/intake.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { fixedClock } from '../../../src/testing.js';
import type { Leak, Order } from './programs.js';

const logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (event: string, fields: object) => process.stdout.write(`${level} ${event} ${JSON.stringify(fields)}\n`),
  ]),
) as never;

let registry: Registry | undefined;
const kept: Registration[] = [];
const keptBytes: Buffer[] = [];
const keptTexts: string[] = [];
let leaks = 0;

function opened(): Registry {
  if (registry === undefined) throw new Error('open first');
  return registry;
}

/** Every bit is turned over on the way, so that the order is not what a search finds. */
function shown(hidden: string): Buffer {
  return Buffer.from(Buffer.from(hidden, 'base64').map((byte) => byte ^ 0xff));
}

function leak(into: Leak, bytes: Buffer): void {
  const number = leaks++;
  if (into === 'log') process[number % 2 === 0 ? 'stdout' : 'stderr'].write(Buffer.concat([bytes, Buffer.from('\n')]));
  else if (into === 'file') writeFileSync(join(tmpdir(), `leak-${number}`), bytes);
  else if (into === 'file name') mkdirSync(join(tmpdir(), bytes.toString()));
  else if (into === 'environment') process.env[`LEAK_${number}`] = bytes.toString();
  // Programs that hold bytes in a string have one character for each.
  else if (into === 'text') keptTexts.push(bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1'));
  else if (into === 'bytes') keptBytes.push(bytes);
  else
    setImmediate(() => {
      throw new Error(bytes.toString());
    });
}

async function obey(order: Order): Promise<string> {
  if (order.do === 'open') {
    const clock = order.time === undefined ? systemClock : fixedClock(order.time);
    registry = await openRegistry({ dir: order.dir }, { logger, clock, backend: nodeBackend });
  } else if (order.do === 'accept') await opened().accept(new Uint8Array(Buffer.from(order.submission, 'base64')));
  else if (order.do === 'register') await opened().register(order.registration);
  else if (order.do === 'sort') await opened().sort();
  else if (order.do === 'publish') await opened().publish({ now: true });
  else if (order.do === 'seal') {
    const keys = decodePublicKeys(new Uint8Array(Buffer.from(order.keys, 'base64')));
    return Buffer.from(makeSubmission(order.registration, keys, { backend: nodeBackend }).bytes).toString('base64');
  } else if (order.do === 'mark') for (const stream of [process.stdout, process.stderr]) stream.write(order.mark);
  else if (order.do === 'leak') leak(order.into, shown(order.hidden));
  else if (order.do === 'keep') kept.push(order.registration);
  else if (order.do === 'forget') for (let i = 0; i < 3; i++) global.gc?.();
  else if (order.do === 'dump') {
    for (let i = 0; i < 3; i++) global.gc?.();
    await pipeline(getHeapSnapshot(), createWriteStream(join(order.folder, 'heap.json')));
    process.report.writeReport(join(order.folder, 'report.json'));
  } else if (order.do === 'fail') {
    // Nobody catches it: what the platform prints then is a log too.
    setImmediate(() => {
      void opened().register(order.registration);
    });
  }
  return 'done';
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.(`failed ${(error as { code?: string }).code}`),
  );
});
