import { LanshareError } from '../errors.ts';
import type { OnProgress } from '../hashing/progress-meter.ts';
import { type VerifyReport, verifyContent } from '../hashing/verify-content.ts';
import type { WantedFiles } from '../metainfo/choose-files.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import { refuseForeignFolder } from './foreign-folder.ts';
import { isThere } from './is-there.ts';
import { existsAlready } from './out-folder.ts';
import { removeLeftovers } from './part/leftovers.ts';
import { partNames } from './part/part-names.ts';

export interface CheckExistingOptions {
  /** Default: all. */
  readonly wanted?: WantedFiles | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * What bears a content's final name. `begun`: a folder that has some of its files, or may have; `openPart` finds out
 * which are right.
 */
export type Existing = 'absent' | 'begun' | 'identical';

/**
 * What lies under the content's final name in `outDir`, the whole of it compared by its hashes.
 * Rejects with EXISTS_DIFFERENT where it is anything else, INTERRUPTED when the signal aborts, or a disk error.
 */
export async function checkExisting(
  metainfo: Metainfo,
  outDir: string,
  { wanted, ...options }: CheckExistingOptions = {},
): Promise<Existing> {
  const { final } = partNames(metainfo, outDir);
  if (!(await isThere(final))) return 'absent';
  const report = wanted === undefined ? await verify(metainfo, final, options) : undefined;
  if (report?.matches === true) {
    await removeLeftovers(metainfo, outDir);
    return 'identical';
  }
  const different = report?.badFiles.find(({ reason }) => reason !== 'missing');
  if (different !== undefined)
    throw existsAlready(final, `, is different (${different.path}: ${different.reason})`);
  await refuseForeignFolder(metainfo, final);
  return 'begun';
}

async function verify(
  metainfo: Metainfo,
  path: string,
  options: CheckExistingOptions,
): Promise<VerifyReport> {
  try {
    return await verifyContent(metainfo, path, { ...options, untilFirstFault: true });
  } catch (error) {
    if (error instanceof LanshareError && error.code === 'NO_SUCH_PATH')
      throw existsAlready(path, ', as a link to nothing,');
    throw error;
  }
}
