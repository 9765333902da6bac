import {
  MAX_TRACKER_ANSWER_BYTES,
  MAX_TRACKER_ANSWER_DEPTH,
  MAX_TRACKER_ANSWER_TOKENS,
} from '../../limits.ts';
import { type Bencoded, BencodeError, decodeBencode, encodeBencode } from '../../metainfo/bencode.ts';
import type { TrackerFailure } from './announce.ts';
import { TrackerFault } from './tracker-fault.ts';
import { trackerText } from './tracker-text.ts';

const LIMITS = {
  maxBytes: MAX_TRACKER_ANSWER_BYTES,
  maxDepth: MAX_TRACKER_ANSWER_DEPTH,
  maxTokens: MAX_TRACKER_ANSWER_TOKENS,
};

/** The body of an HTTP tracker's answer: a bencoded dictionary within bounds. Throws TrackerFault. */
export function decodeHttpAnswer(bytes: Uint8Array): Bencoded {
  const answer = decode(bytes);
  if (answer.kind !== 'dictionary') throw new TrackerFault('its answer is no dictionary');
  return answer;
}

function decode(bytes: Uint8Array): Bencoded {
  if (bytes.length === 0) throw new TrackerFault('its answer is empty');
  try {
    return decodeBencode(bytes, LIMITS);
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    if (bytes[0] === 0x3c) throw new TrackerFault('it answered with a web page');
    throw new TrackerFault(`its answer is not proper bencode: ${error.message}`);
  }
}

export function encodeHttpFailure({ reason, retryInMinutes }: TrackerFailure): Uint8Array {
  return encodeBencode({ 'failure reason': reason, 'retry in': retryInMinutes });
}

/** BEP 3: with a failure reason no other keys matter. */
export function failureIn(answer: Bencoded): TrackerFailure | undefined {
  const reason = answer.field('failure reason')?.bytes;
  if (reason === undefined) return undefined;
  const failure = { type: 'failure', reason: trackerText(reason) || 'the tracker gives no reason' } as const;
  const retryInMinutes = readRetry(answer);
  return retryInMinutes === undefined ? failure : { ...failure, retryInMinutes };
}

/** BEP 31: a positive number of minutes, or the word "never". */
function readRetry(answer: Bencoded): number | 'never' | undefined {
  if (answer.field('retry in')?.text === 'never') return 'never';
  return count(answer, 'retry in') || undefined;
}

/** A number that says how many, or how long; undefined where it is missing or negative. */
export function count(dictionary: Bencoded, key: string): number | undefined {
  const value = dictionary.field(key)?.integer;
  return value !== undefined && value >= 0 ? value : undefined;
}
