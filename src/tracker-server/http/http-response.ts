import { MAX_ANNOUNCED_BYTES } from './announced-bytes.ts';
import type { HttpRequest, HttpVersion } from './http-request.ts';

export interface HttpResponse {
  readonly status: HttpStatus;
  readonly contentType: string;
  /** Up to COPIED_BODY_BYTES may be in memory that is used again for the next response; what is longer stays as it is. */
  readonly body: Uint8Array;
  /** `Name: value`, each. */
  readonly fields?: readonly string[];
}

const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  505: 'HTTP Version Not Supported',
} as const;

export type HttpStatus = keyof typeof REASONS;

export const PLAIN_TEXT = 'text/plain';

/** A status and its words, for where there is nothing else to say. */
export function statusResponse(status: Exclude<HttpStatus, 200>): HttpResponse {
  const fields = status === 405 ? ['Allow: GET, HEAD'] : [];
  return { status, contentType: PLAIN_TEXT, body: Buffer.from(`${status} ${REASONS[status]}\n`), fields };
}

/** To whom it goes, as far as its bytes depend on that. */
export type HttpRecipient = Pick<HttpRequest, 'method' | 'version' | 'keepsAlive'>;

/**
 * Bodies up to here are copied behind the head, so that all is one write: those of all announcements, whose memory is
 * used again before they have been sent, where requests are pipelined or the client is slow.
 */
const COPIED_BODY_BYTES = MAX_ANNOUNCED_BYTES;

/** What goes over the connection (RFC 9112 section 4), in chunks of its own unless the body is large. */
export function encodeHttpResponse(response: HttpResponse, to: HttpRecipient): readonly Uint8Array[] {
  const { status, contentType, body } = response;
  const head =
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: ${contentType}\r\n` +
    `Content-Length: ${body.length}\r\n${connection(to.version, to.keepsAlive)}${fieldLines(response)}\r\n`;
  const copied = to.method === 'GET' && body.length <= COPIED_BODY_BYTES ? body.length : 0;
  const bytes = Buffer.allocUnsafe(head.length + copied);
  bytes.write(head, 'latin1');
  if (copied > 0) bytes.set(body, head.length);
  return to.method === 'HEAD' || copied === body.length ? [bytes] : [bytes, body];
}

/** Said only where it is not what the version takes for granted (RFC 9112 section 9.3). */
function connection(version: HttpVersion, keepsAlive: boolean): string {
  if (keepsAlive) return version === '1.0' ? 'Connection: keep-alive\r\n' : '';
  return 'Connection: close\r\n';
}

function fieldLines({ fields = [] }: HttpResponse): string {
  return fields.map((field) => `${field}\r\n`).join('');
}
