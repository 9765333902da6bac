import { fault, type HttpFault, type HttpRequest, type HttpVersion } from './http-request.ts';

/** RFC 9112 section 3; one space each, nothing but ASCII. */
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-~]+) HTTP\/([0-9])\.([0-9])$/;
/** RFC 9110 section 5: no space before the colon, no folded line, no control characters. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t -~\x80-\xff]*)$/;
/** RFC 9112 section 3.2.2: servers must take the whole URL, too, though only proxies are sent it. */
const ABSOLUTE = /^http:\/\/[^/?#]+/i;

/**
 * The head of a request, line by line. Where two programs could read it in two ways, which is how requests are smuggled
 * past a proxy (RFC 9112 section 11.2), it is refused.
 */
export class RequestHead {
  readonly #method: 'GET' | 'HEAD';
  readonly #path: string;
  readonly #query: string;
  readonly #version: HttpVersion;
  #accept: string | undefined;
  #hosts = 0;
  #lengths = 0;
  #closes = false;
  #keeps = false;

  private constructor(method: 'GET' | 'HEAD', target: string, version: HttpVersion) {
    const question = target.indexOf('?');
    this.#method = method;
    this.#path = question < 0 ? target : target.slice(0, question);
    this.#query = question < 0 ? '' : target.slice(question + 1);
    this.#version = version;
  }

  /** Reads the first line, without its end. */
  static begin(line: string): RequestHead | HttpFault {
    const [, method, sent = '', major, minor] = REQUEST_LINE.exec(line) ?? [];
    if (method === undefined) return fault(400);
    if (major !== '1' || (minor !== '0' && minor !== '1')) return fault(505);
    if (method !== 'GET' && method !== 'HEAD') return fault(405);
    const target = originForm(sent);
    return target === undefined ? fault(400) : new RequestHead(method, target, `1.${minor}`);
  }

  /** Reads another line, which is not empty. */
  field(line: string): HttpFault | undefined {
    const [, name, sent = ''] = FIELD.exec(line) ?? [];
    if (name === undefined) return fault(400);
    switch (name.toLowerCase()) {
      case 'host':
        return ++this.#hosts > 1 ? fault(400) : undefined;
      case 'content-length':
        return this.#contentLength(withoutBlanks(sent));
      case 'transfer-encoding':
        return fault(400);
      case 'connection':
        for (const option of sent.toLowerCase().split(',')) this.#connection(withoutBlanks(option));
        return undefined;
      case 'accept':
        this.#accept = this.#accept === undefined ? sent : `${this.#accept},${sent}`;
        return undefined;
      default:
        return undefined;
    }
  }

  /** The empty line has come. */
  end(): HttpRequest | HttpFault {
    if (this.#version === '1.1' && this.#hosts === 0) return fault(400);
    return {
      type: 'request',
      method: this.#method,
      path: this.#path,
      query: this.#query,
      accept: this.#accept,
      version: this.#version,
      keepsAlive: !this.#closes && (this.#version === '1.1' || this.#keeps),
    };
  }

  #contentLength(value: string): HttpFault | undefined {
    if (++this.#lengths > 1 || !/^[0-9]+$/.test(value)) return fault(400);
    return /^0+$/.test(value) ? undefined : fault(413);
  }

  #connection(option: string): void {
    if (option === 'close') this.#closes = true;
    if (option === 'keep-alive') this.#keeps = true;
  }
}

/** Path and query; undefined where it is neither those nor a URL that has them. */
function originForm(target: string): string | undefined {
  if (target.startsWith('/')) return target;
  const [host] = ABSOLUTE.exec(target) ?? [];
  if (host === undefined) return undefined;
  const rest = target.slice(host.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Spaces and tabs at both ends (RFC 9110 section 5.6.3); `trim` would take more. */
function withoutBlanks(text: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(begin, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
