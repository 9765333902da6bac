/**
 * Peers as stores keep them, PEER_ROW_BYTES each, numbers in network order:
 * info-hash 20 | peer id 20 | address 16 (IPv4 as ::ffff:a.b.c.d) | port 2 | state 1 | zero 1 | seen at 4 (Unix seconds).
 */
export type PeerRows = Uint8Array;
export const PEER_ROW_BYTES = 64;
/** Where each of them begins. */
export const PEER_ROW_AT = { infoHash: 0, peerId: 20, address: 40, port: 56, state: 58, seenAt: 60 } as const;
export const PEER_STATES = { gone: 0, leecher: 1, seeder: 2 } as const;

/** Contents as stores keep them: info-hash 20 | times completed 4. */
export type ContentRows = Uint8Array;
export const CONTENT_ROW_BYTES = 24;
