import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * One process per state folder: two would each check against their own idea of the latest checkpoint. Gives the release.
 * A lock left by a process that died is taken over; whether it still lives is asked by its number, so keep the folder on one machine.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  for (let tries = 0; tries < 2; tries++) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(path, 'utf8').catch(() => ''));
      if (isAlive(owner)) throw new Error('another process is this witness');
      await rm(path, { force: true });
    }
  }
  throw new Error('another process is becoming this witness');
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
