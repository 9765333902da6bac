import { type InfoHash, isInfoHash, type Metainfo } from './metainfo.ts';

/** The first half of the v2 info-hash (BEP 52): its name wherever twenty bytes are wanted. Undefined of v1 alone. */
export function v2Name({ infoHashV2 }: Pick<Metainfo, 'infoHashV2'>): InfoHash | undefined {
  const name = infoHashV2?.slice(0, 40);
  return name !== undefined && isInfoHash(name) ? name : undefined;
}

/** A hybrid is known by two names, and so has two swarms. */
export function hasName(metainfo: Metainfo, name: InfoHash): boolean {
  return metainfo.infoHash === name || v2Name(metainfo) === name;
}
