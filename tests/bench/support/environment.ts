import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { loadSqliteDriver } from '../../../src/stores/sqlite/load-driver.js';
import { spread } from '../harness.js';

/** The lines without which no figure means anything. `folder`: where the stores of this run lie. */
export async function environmentLines(folder: string): Promise<string> {
  const cpu = cpus();
  const driver = await loadSqliteDriver();
  return [
    `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${cpu.length} × ${cpu[0]?.model ?? 'unknown CPU'}, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    `SQLite through ${driver.name} (node:sqlite ${process.versions['sqlite'] ?? 'none'}, better-sqlite3 ${peerVersion()})`,
    `fsync of 4 KiB ${fsyncMicros(folder).toFixed(0)} µs (median of 21) in the folder of the stores`,
  ].join('\n');
}

function peerVersion(): string {
  try {
    return execFileSync(process.execPath, ['-p', "require('better-sqlite3/package.json').version"], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'none';
  }
}

function fsyncMicros(folder: string): number {
  const file = openSync(join(folder, 'fsync-probe'), 'w');
  try {
    const times = Array.from({ length: 21 }, () => {
      writeSync(file, new Uint8Array(4096));
      const start = process.hrtime.bigint();
      fsyncSync(file);
      return Number(process.hrtime.bigint() - start) / 1000;
    });
    return spread(times).median;
  } finally {
    closeSync(file);
  }
}
