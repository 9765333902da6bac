/** Why a request was refused, or its connection cut. */
export const HTTP_REFUSALS = [
  'malformed',
  'not private',
  'port 0',
  'not tracked',
  'too many contents',
  'bad HTTP',
  'unknown path',
  'too slow',
  'too many connections',
] as const;

export type HttpRefusal = (typeof HTTP_REFUSALS)[number];

/** What was answered over HTTP so far. */
export interface HttpCounts {
  /** Accepted. */
  connections: number;
  announces: number;
  scrapes: number;
  /** For people and programs that watch. */
  pages: number;
  readonly refused: Record<HttpRefusal, number>;
}

export function noHttpCounts(): HttpCounts {
  return {
    connections: 0,
    announces: 0,
    scrapes: 0,
    pages: 0,
    refused: {
      malformed: 0,
      'not private': 0,
      'port 0': 0,
      'not tracked': 0,
      'too many contents': 0,
      'bad HTTP': 0,
      'unknown path': 0,
      'too slow': 0,
      'too many connections': 0,
    },
  };
}
