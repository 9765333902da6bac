/** Why a datagram got an error, or nothing. */
export const UDP_REFUSALS = [
  'malformed',
  'bad connection id',
  'not private',
  'port 0',
  'not tracked',
  'too many contents',
  'unknown action',
] as const;

export type UdpRefusal = (typeof UDP_REFUSALS)[number];

/** What was answered so far. */
export interface UdpCounts {
  connects: number;
  announces: number;
  scrapes: number;
  readonly refused: Record<UdpRefusal, number>;
}

export function noUdpCounts(): UdpCounts {
  return {
    connects: 0,
    announces: 0,
    scrapes: 0,
    refused: {
      malformed: 0,
      'bad connection id': 0,
      'not private': 0,
      'port 0': 0,
      'not tracked': 0,
      'too many contents': 0,
      'unknown action': 0,
    },
  };
}
