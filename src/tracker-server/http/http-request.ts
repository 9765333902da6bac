/** A request that is whole and well-formed (RFC 9112). It has no body: who sends one is refused. */
export interface HttpRequest {
  readonly type: 'request';
  readonly method: 'GET' | 'HEAD';
  /** As it was sent: percent-encoded, beginning with a slash. */
  readonly path: string;
  /** Behind the `?`; empty where there is none. */
  readonly query: string;
  /** What the client would like to get (RFC 9110 section 12.5.1). */
  readonly accept: string | undefined;
  readonly version: HttpVersion;
  /** Whether another request may follow. */
  readonly keepsAlive: boolean;
}

export type HttpVersion = '1.0' | '1.1';

/** What is not read any further: the answer is this status, and the connection's end. */
export interface HttpFault {
  readonly type: 'fault';
  readonly status: HttpFaultStatus;
}

export type HttpFaultStatus = 400 | 405 | 413 | 414 | 431 | 505;

export function fault(status: HttpFaultStatus): HttpFault {
  return { type: 'fault', status };
}
