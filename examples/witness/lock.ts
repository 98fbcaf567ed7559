import { randomUUID } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * One process per state folder: two would each check against their own idea of the latest checkpoint. Gives the release.
 * A lock left by a process that died is taken over; whether it still lives is asked by its number, so keep the folder on one machine. Our own number
 * is no exception: in another container another process has it.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  for (let tries = 0; tries < 2; tries++) {
    try {
      const file = await open(path, 'wx', 0o600);
      const content = `${process.pid} ${randomUUID()}`;
      await file.writeFile(content);
      await file.close();
      return async () => {
        // Only our own.
        if ((await readFile(path, 'utf8').catch(() => '')) === content) await rm(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number((await readFile(path, 'utf8').catch(() => '')).split(' ')[0]);
      if (isAlive(owner)) throw new Error('another process is this witness');
      await rm(path, { force: true });
    }
  }
  throw new Error('another process is becoming this witness');
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
