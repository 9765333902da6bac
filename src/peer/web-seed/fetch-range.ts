import { LanshareError, systemErrorCode } from '../../errors.ts';
import { WEB_SEED_RANGE_MIN_BYTES, WEB_SEED_TIMEOUT_MS } from '../../limits.ts';
import type { HttpAnswer, HttpGet, HttpGetOptions } from '../../platform/http-client.ts';
import type { HttpConnections } from '../../platform/http-connections.ts';

/** Bytes of one file. */
export interface ByteRange {
  readonly url: string;
  readonly offset: number;
  readonly length: number;
  /** Of the whole file. */
  readonly fileLength: number;
}

/** What a request of a link has in common with all others of it. */
export interface RangeSurroundings {
  readonly httpGet: HttpGet;
  readonly signal: AbortSignal;
  readonly connections: HttpConnections;
}

/**
 * GET of exactly these bytes (RFC 9110 section 14). Rejects with NETWORK and a sentence where the server has not got
 * them, does not serve ranges, or gives others.
 */
export async function fetchRange(range: ByteRange, surroundings: RangeSurroundings): Promise<Uint8Array> {
  const answer = await ask(range, surroundings);
  const fault = faultOf(answer, range);
  if (fault !== undefined) throw new LanshareError('NETWORK', `${new URL(range.url).host} ${fault}`);
  return answer.body;
}

/** A kept connection may end just when it is used again (RFC 9112 section 9.3.1): then a new one is tried. */
async function ask(
  range: ByteRange,
  { httpGet, signal, connections }: RangeSurroundings,
): Promise<HttpAnswer> {
  const { url, offset, length } = range;
  const options: HttpGetOptions = {
    signal,
    // Whoever ignores the range is not listened to for long. The page that says why it failed may be longer.
    maxBytes: Math.max(length, WEB_SEED_RANGE_MIN_BYTES),
    timeoutMs: WEB_SEED_TIMEOUT_MS,
    headers: { range: `bytes=${offset}-${offset + length - 1}` },
  };
  try {
    return await httpGet(url, { ...options, connections });
  } catch (error) {
    if (!isBrokenOff(error)) throw error;
    return await httpGet(url, options);
  }
}

function isBrokenOff(error: unknown): boolean {
  const code = error instanceof LanshareError ? systemErrorCode(error.cause) : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** What is wrong with an answer, as the end of a sentence about the server. */
function faultOf({ status, headers, body }: HttpAnswer, range: ByteRange): string | undefined {
  switch (status) {
    case 206:
      return faultOfPart(headers['content-range'], body, range);
    case 200:
      // Also the answer to a range that is the whole file.
      return body.length === range.fileLength && range.length === range.fileLength
        ? undefined
        : 'does not serve parts of a file';
    case 404:
    case 410:
      return 'does not have the file';
    case 416:
      return 'has another file there: it is shorter';
    default:
      return `answers with HTTP status ${status}`;
  }
}

function faultOfPart(
  contentRange: string | undefined,
  body: Uint8Array,
  { offset, length, fileLength }: ByteRange,
): string | undefined {
  const [, first, last, total] =
    /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(contentRange ?? '') ?? [];
  if (Number(first) !== offset || Number(last) !== offset + length - 1)
    return 'gave other bytes than were asked for';
  if (total !== '*' && Number(total) !== fileLength)
    return `has another file there: it is ${total} bytes long, not ${fileLength}`;
  return body.length === length ? undefined : `gave ${body.length} bytes, not ${length}`;
}
