import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.ts';

/**
 * Where a web seed has a file (BEP 19): a single file at the address itself, or below it where that ends in a slash; the
 * files of a folder below the address and the folder's name.
 */
export function fileUrl(
  webSeed: string,
  { kind, name }: Pick<Metainfo, 'kind' | 'name'>,
  file: Pick<MetainfoFile, 'path'>,
): string {
  if (kind === 'file' && !webSeed.endsWith('/')) return webSeed;
  const folder = webSeed.endsWith('/') ? webSeed : `${webSeed}/`;
  return folder + [name, ...file.path].map(encodeURIComponent).join('/');
}
