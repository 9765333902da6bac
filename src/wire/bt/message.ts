import type { HashPlace } from '../../metainfo/hash-place.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';

/** The BitTorrent dialect: BEP 3, fast (6), extensions (10), metadata (9), peer exchange (11), v2 hashes (52). */
export type BtMessage =
  | { readonly type: 'keep-alive' }
  | { readonly type: 'choke' }
  | { readonly type: 'unchoke' }
  | { readonly type: 'interested' }
  | { readonly type: 'not interested' }
  | { readonly type: 'have'; readonly index: number }
  | { readonly type: 'bitfield'; readonly bits: Uint8Array }
  | ({ readonly type: 'request' } & BlockPlace)
  | ({ readonly type: 'cancel' } & BlockPlace)
  /** BEP 5: the port of the peer's DHT node. */
  | { readonly type: 'port'; readonly port: number }
  // ---- BEP 6, where both sides set its bit
  | { readonly type: 'suggest'; readonly index: number }
  | { readonly type: 'have all' }
  | { readonly type: 'have none' }
  | ({ readonly type: 'reject' } & BlockPlace)
  | { readonly type: 'allowed fast'; readonly index: number }
  // ---- BEP 52
  | ({ readonly type: 'hash request' } & HashPlace)
  | ({ readonly type: 'hashes'; readonly hashes: Uint8Array } & HashPlace)
  | ({ readonly type: 'hash reject' } & HashPlace)
  // ---- BEP 10
  | { readonly type: 'extension handshake'; readonly extension: ExtensionHandshake }
  /** A message of an extension that is not known here; ignored. */
  | { readonly type: 'unknown extension'; readonly id: number }
  // ---- BEP 9
  | { readonly type: 'metadata request'; readonly piece: number }
  | {
      readonly type: 'metadata';
      readonly piece: number;
      readonly totalSize: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'metadata reject'; readonly piece: number }
  // ---- BEP 11
  | {
      readonly type: 'peer exchange';
      readonly added: readonly ExchangedPeer[];
      readonly dropped: readonly Endpoint[];
    };

/** A part of a piece; `begin` and `length` in bytes. */
export interface BlockPlace {
  readonly index: number;
  readonly begin: number;
  readonly length: number;
}

/** A block as it arrived, in the buffer that the receiver handed in. */
export interface BtBlock {
  readonly type: 'block';
  readonly index: number;
  readonly begin: number;
  readonly length: number;
}

/** The first 68 bytes. */
export interface BtHandshake {
  readonly type: 'handshake';
  /** SHA-1 of the v1 info dictionary, or the first 20 bytes of the SHA-256 of a v2 one. */
  readonly infoHash: InfoHash;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** Which of the reserved bits are set that are known here. */
  readonly supports: { readonly extensions: boolean; readonly fast: boolean; readonly v2: boolean };
}

export type BtInput = BtHandshake | BtMessage | BtBlock;

/** BEP 10: what the peer speaks beside BEP 3. */
export interface ExtensionHandshake {
  /** The message ids that it wants to be sent for each extension; absent where it does not speak it. */
  readonly metadataId: number | undefined;
  readonly peerExchangeId: number | undefined;
  /** Bytes of the info dictionary; undefined where it has none. */
  readonly metadataSize: number | undefined;
  /** TCP port that it listens on. */
  readonly port: number | undefined;
  /** Name and version of the program, cut to MAX_CLIENT_NAME_BYTES. */
  readonly client: string | undefined;
  /** Requests that may be outstanding at it (`reqq`). */
  readonly maxRequests: number | undefined;
  /** BEP 21: it wants nothing. */
  readonly uploadOnly: boolean;
}

export interface ExchangedPeer {
  readonly endpoint: Endpoint;
  /** BEP 11's flags. */
  readonly seed: boolean;
}

/** Ids under which we want to be sent extension messages (BEP 10). */
export const OUR_EXTENSION_IDS = { ut_metadata: 1, ut_pex: 2 } as const;

/** The ids that the peer wants, from its extension handshake; the encoder needs them. */
export interface PeerExtensionIds {
  readonly metadataId: number | undefined;
  readonly peerExchangeId: number | undefined;
}
