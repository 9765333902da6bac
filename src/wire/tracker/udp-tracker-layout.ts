/**
 * Where the fields of the datagrams begin (BEP 15), for a tracker that has no time for an object each. The codec beside
 * it says the same in messages; a test holds them together.
 */
export const UDP_REQUEST_AT = { connectionId: 0, action: 8, transactionId: 12 } as const;

export const UDP_ANNOUNCE_AT = {
  infoHash: 16,
  peerId: 36,
  left: 64,
  event: 80,
  peersWanted: 92,
  port: 96,
} as const;

export const UDP_RESPONSE_AT = { action: 0, transactionId: 4 } as const;
export const UDP_CONNECTED_AT = { connectionId: 8 } as const;
export const UDP_ANNOUNCED_AT = { interval: 8, leechers: 12, seeders: 16, peers: 20 } as const;
/** Of each content. */
export const UDP_SCRAPED_AT = { seeders: 0, completed: 4, leechers: 8 } as const;
