import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HTTP_HEAD_BYTES, MAX_HTTP_REQUEST_LINE_BYTES } from '../../../src/limits.ts';
import type { HttpFault, HttpRequest } from '../../../src/tracker-server/http/http-request.ts';
import { RequestReader } from '../../../src/tracker-server/http/request-reader.ts';

type Read = HttpRequest | HttpFault;

/** All that is read of the bytes, in the chunks that they come in; each chunk's memory is used again. */
function readAll(text: string, cuts: readonly number[] = []): readonly Read[] {
  const bytes = Buffer.from(text, 'latin1');
  const reader = new RequestReader();
  const all: Read[] = [];
  const places = [...cuts].sort((one, other) => one - other);
  [0, ...places].forEach((begin, at) => {
    const chunk = Buffer.from(bytes.subarray(begin, places[at] ?? bytes.length));
    reader.push(chunk);
    for (let read = reader.next(); read !== undefined; read = reader.next()) all.push(read);
    reader.retain();
    chunk.fill(0xee);
  });
  return all;
}

function statusOf(text: string): number | 'request' | 'nothing yet' {
  const [first] = readAll(text);
  if (first === undefined) return 'nothing yet';
  return first.type === 'fault' ? first.status : 'request';
}

function get(target: string, ...fields: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: tracker', ...fields, '', ''].join('\r\n');
}

const BROWSER = get('/stats?format=html', 'User-Agent: a browser', 'Accept: text/html, */*;q=0.1');
const OLD_CLIENT = 'GET /announce?port=1 HTTP/1.0\r\n\r\n';

describe('a request', () => {
  it('is read with its path, its query and what it accepts', () => {
    expect(readAll(BROWSER)).toEqual([
      {
        type: 'request',
        method: 'GET',
        path: '/stats',
        query: 'format=html',
        accept: ' text/html, */*;q=0.1',
        version: '1.1',
        keepsAlive: true,
      },
    ]);
  });

  it('is the same wherever the bytes are cut', () => {
    const text = `${BROWSER}${OLD_CLIENT}${get('/', 'Connection: close')}GET / HTTP/1.1\r\nHost : x\r\n\r\n`;
    const whole = readAll(text);
    expect(whole.map(({ type }) => type)).toEqual(['request', 'request', 'request', 'fault']);
    for (let cut = 1; cut < text.length; cut++) expect(readAll(text, [cut])).toEqual(whole);
    expect(
      readAll(
        text,
        Array.from({ length: text.length - 1 }, (_, at) => at + 1),
      ),
    ).toEqual(whole);
  });

  it('is answered after those that were sent before it', () => {
    const paths = Array.from({ length: 100 }, (_, at) => `/${at}`);
    const read = readAll(paths.map((path) => get(path)).join(''));
    expect(read.map((one) => (one.type === 'request' ? one.path : 'fault'))).toEqual(paths);
  });

  it('says by version and fields whether another one may follow', () => {
    const keepsAlive = (text: string) => readAll(text).map((one) => one.type === 'request' && one.keepsAlive);
    expect(keepsAlive(get('/'))).toEqual([true]);
    expect(keepsAlive(get('/', 'Connection: TE, Close'))).toEqual([false]);
    expect(keepsAlive(OLD_CLIENT)).toEqual([false]);
    expect(keepsAlive('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n')).toEqual([true]);
    expect(keepsAlive(get('/', 'Connection: close', 'Connection: keep-alive'))).toEqual([false]);
  });

  it('may name the whole URL, as proxies are asked', () => {
    for (const [target, path] of [
      ['http://tracker:6969/scrape?x', '/scrape'],
      ['HTTP://tracker', '/'],
      ['http://tracker?x', '/'],
    ] as const)
      expect(readAll(get(target))).toMatchObject([{ type: 'request', path }]);
  });

  it('may say that it has no body', () => {
    expect(statusOf(get('/', 'Content-Length: 0'))).toBe('request');
  });
});

describe('what two programs could read in two ways', () => {
  const REFUSED: readonly (readonly [string, string, number])[] = [
    ['a body', get('/', 'Content-Length: 5'), 413],
    ['two lengths', get('/', 'Content-Length: 0', 'Content-Length: 0'), 400],
    ['a list of lengths', get('/', 'Content-Length: 0, 0'), 400],
    ['a length with a sign', get('/', 'Content-Length: +0'), 400],
    ['a length with a blank that is none', get('/', 'Content-Length: \xa00'), 400],
    ['a chunked body', get('/', 'Transfer-Encoding: chunked'), 400],
    ['both kinds of body', get('/', 'Content-Length: 0', 'Transfer-Encoding: chunked'), 400],
    ['a disguised chunked body', get('/', 'Transfer-Encoding : chunked'), 400],
    ['a space before a colon', get('/', 'Accept : x'), 400],
    ['a folded line', get('/', 'Accept: x', ' y'), 400],
    ['a line without a colon', get('/', 'Accept'), 400],
    ['a field without a name', get('/', ': x'), 400],
    ['a zero byte', get('/', 'Accept: a\0b'), 400],
    ['a CR within a line', get('/', 'Accept: a\rContent-Length: 5'), 400],
    ['a LF without CR', 'GET / HTTP/1.1\nHost: x\n\n', 400],
    ['a LF without CR among the fields', 'GET / HTTP/1.1\r\nHost: x\nAccept: y\r\n\r\n', 400],
    ['an empty first line', `\r\n${get('/')}`, 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two hosts', get('/', 'Host: other'), 400],
    ['two spaces in the first line', 'GET  / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a tab in the first line', 'GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['no version', 'GET /\r\n\r\n', 400],
    ['a byte that is not ASCII in the path', 'GET /\xe4 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a path that is none', 'GET announce HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['the start of TLS', '\x16\x03\x01\x02\x00\x01\n', 400],
    ['another version', 'GET / HTTP/2.0\r\n\r\n', 505],
    ['another method', 'POST /announce HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc', 405],
    ['a method in small letters', 'get / HTTP/1.1\r\nHost: x\r\n\r\n', 405],
  ];

  for (const [what, text, status] of REFUSED)
    it(`is refused: ${what}`, () => expect(statusOf(text)).toBe(status));

  it('ends what is read: nothing behind it is a request', () => {
    for (const [, text] of REFUSED) {
      const read = readAll(`${text}${get('/smuggled')}`);
      expect(read).toHaveLength(1);
    }
  });
});

describe('the size of a request', () => {
  it('is bounded, before its end has come', () => {
    const line = `GET /${'a'.repeat(MAX_HTTP_REQUEST_LINE_BYTES)}`;
    expect(statusOf(line)).toBe(414);
    expect(statusOf(line.slice(0, MAX_HTTP_REQUEST_LINE_BYTES))).toBe('nothing yet');
    const field = `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(MAX_HTTP_HEAD_BYTES)}`;
    expect(statusOf(field)).toBe(431);
    expect(statusOf(field.slice(0, MAX_HTTP_HEAD_BYTES))).toBe('nothing yet');
    expect(statusOf(get('/', ...Array.from({ length: 2_000 }, () => 'A: b')))).toBe(431);
  });

  it('counts for each request anew', () => {
    const large = get('/', `Cookie: ${'a'.repeat(MAX_HTTP_HEAD_BYTES - 200)}`);
    expect(readAll(large.repeat(3)).map(({ type }) => type)).toEqual(['request', 'request', 'request']);
  });
});

describe('any bytes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'GET ',
      '/',
      ' HTTP/1.1',
      '\r\n',
      '\n',
      '\r',
      'Host: x\r\n',
      'Content-Length: ',
      '0',
      ':',
    ),
    fc.constantFrom(' ', '\t', '\0', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', '\r\n\r\n'),
    fc.constantFrom(get('/'), OLD_CLIENT, BROWSER),
    fc.string({ unit: 'binary-ascii', maxLength: 8 }),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

  it('are read the same however they are cut, and nothing follows a fault', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 10 }), (bytes, places) => {
        const whole = readAll(bytes);
        const cuts = places.map((place) => place % (bytes.length + 1));
        expect(readAll(bytes, cuts)).toEqual(whole);
        expect(whole.slice(0, -1).every(({ type }) => type === 'request')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
