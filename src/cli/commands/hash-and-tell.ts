import { defaultCacheDirectory } from '../../hashing/cache-directory.ts';
import type { DescriptionWishes } from '../../hashing/describe-content.ts';
import { hashContent } from '../../hashing/hash-content.ts';
import { filesLength, type Metainfo } from '../../metainfo/metainfo.ts';
import type { Context } from '../context.ts';

/** Describes the file or folder at `source`, an absolute path, and reports how far it is. Throws what `hashContent` does. */
export async function hashAndTell(
  { host, reporter, signal }: Context,
  source: string,
  wishes: DescriptionWishes = {},
): Promise<Metainfo> {
  const { metainfo, warnings, cached } = await hashContent(source, {
    version: 'fitting',
    ...wishes,
    clock: host.clock,
    signal,
    cacheDirectory: defaultCacheDirectory(host.env),
    onProgress: (bytesDone, bytesTotal) =>
      reporter.report({ event: 'hashing', path: source, bytesDone, bytesTotal, cached: false }),
  });
  if (cached) {
    const length = filesLength(metainfo);
    reporter.report({ event: 'hashing', path: source, bytesDone: length, bytesTotal: length, cached });
  }
  for (const message of warnings) reporter.report({ event: 'warning', message });
  return metainfo;
}
