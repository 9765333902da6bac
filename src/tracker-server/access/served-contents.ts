import { type InfoHash, isInfoHash, type Metainfo } from '../../metainfo/metainfo.ts';

/** What a tracker has to know of a content: the hashes that clients ask for it by, and what people call it. */
export interface ServedContent {
  readonly name: string;
  /** Of v1, and of v2 cut to twenty bytes (BEP 52); both of a hybrid. */
  readonly infoHashes: readonly InfoHash[];
}

export function servedContent({
  name,
  infoHash,
  infoHashV2,
}: Pick<Metainfo, 'name' | 'infoHash' | 'infoHashV2'>): ServedContent {
  const truncated = infoHashV2?.slice(0, infoHash.length) ?? '';
  return { name, infoHashes: isInfoHash(truncated) ? [...new Set([infoHash, truncated])] : [infoHash] };
}

/** Which contents a tracker serves: those that were named to it and those of its whitelist, or every one. */
export class ServedContents {
  readonly #named: ReadonlyMap<InfoHash, string>;
  /** Undefined where there is no whitelist. */
  #whitelisted: ReadonlyMap<InfoHash, string> | undefined;

  /** `hasWhitelist`: nothing but the named ones is served until it has been read. */
  constructor(named: readonly ServedContent[], hasWhitelist: boolean) {
    this.#named = namesByHash(named);
    if (hasWhitelist) this.#whitelisted = new Map();
  }

  /** The whitelist as it is now. */
  setWhitelist(contents: readonly ServedContent[]): void {
    this.#whitelisted = namesByHash(contents);
  }

  serves(infoHash: InfoHash): boolean {
    if (this.#named.size === 0 && this.#whitelisted === undefined) return true;
    return this.nameOf(infoHash) !== undefined;
  }

  /** Undefined for a content whose .torrent is not here. */
  nameOf(infoHash: InfoHash): string | undefined {
    return this.#named.get(infoHash) ?? this.#whitelisted?.get(infoHash);
  }
}

function namesByHash(contents: readonly ServedContent[]): ReadonlyMap<InfoHash, string> {
  return new Map(
    contents.flatMap(({ name, infoHashes }) => infoHashes.map((infoHash) => [infoHash, name] as const)),
  );
}
