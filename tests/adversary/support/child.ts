/** A process to be searched: an intake server, a sealing server or a registrar's device, as it is told. Bundled by programs.ts. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getHeapSnapshot } from 'node:v8';
import { systemClock } from '../../../src/foundation/clock.js';
import { openRegistry, type Registration, type Registry } from '../../../src/index.js';
import { decodePublicKeys, makeSubmission } from '../../../src/intake.js';
import { nodeBackend } from '../../../src/sqlite.js';
import { fixedClock } from '../../../src/testing.js';
import type { Order } from './programs.js';

const logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (event: string, fields: object) => process.stdout.write(`${level} ${event} ${JSON.stringify(fields)}\n`),
  ]),
) as never;

let registry: Registry | undefined;
const kept: Registration[] = [];

function opened(): Registry {
  if (registry === undefined) throw new Error('open first');
  return registry;
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
  } else if (order.do === 'keep') kept.push(order.registration);
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
