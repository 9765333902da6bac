import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskError } from '../errors.ts';

/** A folder for bytes that only pass through. `remove` takes all of it away. */
export async function makeTemporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const parent = tmpdir();
  try {
    const path = await mkdtemp(join(parent, 'lanshare-'));
    return { path, remove: () => rm(path, { recursive: true, force: true }) };
  } catch (error) {
    throw diskError(error, 'write into', parent);
  }
}
