import {
  MAX_CHOKING_INTERVAL_SECONDS,
  MAX_FILE_BYTES,
  MAX_LISTED_PEERS,
  MAX_PIECE_LENGTH_BYTES,
} from '../../limits.ts';
import type { CommonConfig } from './project.ts';
import type { NumberRule } from './whole-number.ts';

export type CommonKey = keyof CommonConfig;
export type CommonNumberKey = Exclude<CommonKey, 'fileName'>;

/** A key of Common.cfg. */
interface KeyRule {
  /** As the assignment writes it. */
  readonly name: string;
  /** Of its small letters alone; with the slips that real files have. */
  readonly spelling: RegExp;
  readonly example: string;
}

export const COMMON_KEYS: Readonly<Record<CommonKey, KeyRule>> = {
  preferredNeighbors: {
    name: 'NumberOfPreferredNeighbors',
    spelling: /^numberofprefer+edneighbou?rs?$/,
    example: '3',
  },
  unchokingIntervalSeconds: {
    name: 'UnchokingInterval',
    spelling: /^unchokinginterval$/,
    example: '5',
  },
  optimisticUnchokingIntervalSeconds: {
    name: 'OptimisticUnchokingInterval',
    spelling: /^optimistic(?:ally)?unchokinginterval$/,
    example: '10',
  },
  fileName: { name: 'FileName', spelling: /^filename$/, example: 'thefile' },
  fileSize: { name: 'FileSize', spelling: /^filesize$/, example: '2167705' },
  pieceSize: { name: 'PieceSize', spelling: /^piecesize$/, example: '16384' },
};

const RANGES: Readonly<Record<CommonNumberKey, Pick<NumberRule, 'max' | 'unit'>>> = {
  preferredNeighbors: { max: MAX_LISTED_PEERS, unit: 'peers' },
  unchokingIntervalSeconds: { max: MAX_CHOKING_INTERVAL_SECONDS, unit: 'seconds' },
  optimisticUnchokingIntervalSeconds: { max: MAX_CHOKING_INTERVAL_SECONDS, unit: 'seconds' },
  fileSize: { max: MAX_FILE_BYTES, unit: 'bytes' },
  pieceSize: { max: MAX_PIECE_LENGTH_BYTES, unit: 'bytes' },
};

/** How a word is read as a key, in any case and with `_` or `-` in it; undefined where it is none. */
export function commonKey(word: string): CommonKey | undefined {
  const bare = word.toLowerCase().replace(/[_-]/g, '');
  return (Object.keys(COMMON_KEYS) as CommonKey[]).find((key) => COMMON_KEYS[key].spelling.test(bare));
}

export function numberRule(key: CommonNumberKey): NumberRule {
  return { name: COMMON_KEYS[key].name, min: 1, ...RANGES[key] };
}
