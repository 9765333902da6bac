import { LanshareError } from '../errors.ts';
import type { OnProgress } from '../hashing/progress-meter.ts';
import { type VerifyReport, verifyContent } from '../hashing/verify-content.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import { isThere } from './is-there.ts';
import { existsAlready } from './out-folder.ts';
import { removeLeftovers } from './part/leftovers.ts';
import { partNames } from './part/part-names.ts';

export interface CheckExistingOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * What lies under the content's final name in `outDir`: nothing, or the content itself, compared by its hashes.
 * Rejects with EXISTS_DIFFERENT where it is anything else, INTERRUPTED when the signal aborts, or a disk error.
 */
export async function checkExisting(
  metainfo: Metainfo,
  outDir: string,
  options: CheckExistingOptions = {},
): Promise<'absent' | 'identical'> {
  const { final } = partNames(metainfo, outDir);
  if (!(await isThere(final))) return 'absent';
  const report = await verify(metainfo, final, options);
  if (!report.matches) throw existsAlready(final, difference(report));
  await removeLeftovers(metainfo, outDir);
  return 'identical';
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

function difference({ badFiles: [first] }: VerifyReport): string {
  return first === undefined ? ', is different' : `, is different (${first.path}: ${first.reason})`;
}
