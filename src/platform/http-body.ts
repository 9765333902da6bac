import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createUnzip } from 'node:zlib';
import { LanshareError } from '../errors.ts';

/**
 * The whole body, inflated where it was sent as gzip or deflate. Neither what is sent nor what it inflates to may be
 * longer than `maxBytes`: a kilobyte of gzip can hold a megabyte of zeros. Rejects with NETWORK, or with the
 * stream's error.
 */
export async function readHttpBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const declared = Number(response.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLong(maxBytes);
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  switch (encoding) {
    case 'identity':
    case '':
      return await gather(response, maxBytes);
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return await gather(inflated(response, maxBytes), maxBytes);
    default:
      throw new LanshareError('NETWORK', `an answer in the content encoding "${encoding.slice(0, 32)}"`);
  }
}

async function gather(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const gathered: Uint8Array[] = [];
  for await (const chunk of upTo(chunks, maxBytes)) gathered.push(chunk);
  return Buffer.concat(gathered);
}

async function* upTo(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > maxBytes) throw tooLong(maxBytes);
    yield chunk;
  }
}

function inflated(response: IncomingMessage, maxBytes: number): Readable {
  const unzip = createUnzip();
  // Its errors are those of `unzip`, too, where they are seen.
  pipeline(upTo(response, maxBytes), unzip, () => {});
  return unzip;
}

function tooLong(maxBytes: number): LanshareError {
  return new LanshareError('NETWORK', `an answer of more than ${maxBytes} bytes`);
}
