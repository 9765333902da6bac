import type { Metainfo } from '../../metainfo/metainfo.ts';
import { isThere } from '../is-there.ts';
import { partNames } from './part-names.ts';

/**
 * The path of what a fetch of chosen files has left in `outDir`: pieces, verified, that have bytes of other files, too. A
 * later fetch goes on from it. Undefined where nothing is left.
 */
export async function partRemains(metainfo: Metainfo, outDir: string): Promise<string | undefined> {
  const { part } = partNames(metainfo, outDir);
  return (await isThere(part)) ? part : undefined;
}
