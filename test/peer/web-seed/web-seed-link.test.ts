import { afterEach, describe, expect, it, vi } from 'vitest';
import { WEB_SEED_REQUESTS_AT_ONCE } from '../../../src/limits.ts';
import { allPieces, type PieceIndex, pieceSize } from '../../../src/metainfo/metainfo.ts';
import type { LinkClosed, LinkHandler, PeerLink } from '../../../src/peer/peer-link.ts';
import { SentPieces } from '../../../src/peer/sent-pieces.ts';
import { openWebSeed } from '../../../src/peer/web-seed/web-seed-link.ts';
import { TokenBucket } from '../../../src/pieces/token-bucket.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { httpGet } from '../../../src/platform/http-client.ts';
import { silentLogger } from '../../../src/platform/logger.ts';
import { ProtocolError } from '../../../src/wire/lan/message.ts';
import { type SampleContent, sampleContent } from '../../support/sample-content.ts';
import { type Behaviour, FileServer, serveRange } from './file-server.ts';

const KIB = 1024;
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const movie = () => sampleContent({ length: 1_000 * KIB - 7, pieceLength: 256 * KIB });

/** A link to a server, and what the transfer was told of it. */
async function linked(content: SampleContent, behaviour?: Behaviour, path = '') {
  const server = await FileServer.start(content, behaviour);
  ends.push(() => server.close());
  return { server, ...linkTo(server.url + path, content) };
}

function linkTo(url: string, content: SampleContent) {
  const told: string[] = [];
  const pieces = new Map<number, Uint8Array>();
  const released: Uint8Array[] = [];
  const closed: LinkClosed[] = [];
  const links: PeerLink[] = [];
  const wanted = new Set(allPieces(content.metainfo.pieceCount));
  const handler: LinkHandler = {
    onBitfield: () => told.push('bitfield'),
    onHave: () => told.push('have'),
    onHaveAll: () => told.push('have all'),
    onChoke: () => told.push('choke'),
    onUnchoke: () => told.push('unchoke'),
    onInterested: () => told.push('interested'),
    onNotInterested: () => told.push('not interested'),
    onReject: (index) => told.push(`reject ${index}`),
    takePiece: (index, length) => (wanted.has(index as PieceIndex) ? Buffer.alloc(length, 0xff) : undefined),
    releasePiece: (bytes) => released.push(bytes),
    onPiece: ({ index, content: bytes }) => pieces.set(index, bytes),
    onMetainfoOffer: () => told.push('metainfo offer'),
    onListening: () => told.push('listening'),
    onPeersExchanged: () => told.push('peers exchanged'),
    onMetainfo: () => told.push('metainfo'),
    metainfoBytes: () => undefined,
    hashesAt: () => undefined,
    onHashes: () => told.push('hashes'),
    onHashReject: () => told.push('hash reject'),
    onRequest: () => undefined,
    onReceived: () => {},
    onSent: () => told.push('sent'),
    onSourceFault: () => told.push('source fault'),
    onClosed: (how) => closed.push(how),
  };
  openWebSeed({
    url,
    metainfo: content.metainfo,
    httpGet,
    clock: systemClock,
    logger: silentLogger,
    welcome(link) {
      links.push(link);
      const limit = new TokenBucket(Number.POSITIVE_INFINITY, 0);
      return {
        kind: 'accepted',
        handler,
        uploadLimit: limit,
        sent: new SentPieces(),
        metainfoSize: undefined,
        v2Name: undefined,
        opened: () => told.push('opened'),
      };
    },
    onFailed: (reason) => closed.push(reason),
  });
  const [link] = links;
  if (link === undefined) throw new Error('the link was not welcomed');
  ends.push(() => link.drop('the test is over'));
  return { link, told, pieces, released, closed, wanted, handler };
}

const soon = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 2 });

function askForAll(link: PeerLink, content: SampleContent): void {
  for (const index of allPieces(content.metainfo.pieceCount)) link.request(index);
}

function expectAll(pieces: ReadonlyMap<number, Uint8Array>, content: SampleContent): void {
  for (const index of allPieces(content.metainfo.pieceCount)) {
    expect(content.piece(index).equals(pieces.get(index) ?? Buffer.alloc(0))).toBe(true);
  }
}

describe('a web seed', () => {
  it('has everything and never chokes', async () => {
    const { told, link, server } = await linked(movie());
    expect(told).toEqual(['opened', 'have all', 'unchoke']);
    expect(link).toMatchObject({ dialect: 'web seed', dialed: true, metainfoSize: undefined });
    expect(link.remote).toEqual({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
    expect(server.asked).toEqual([]);
  });

  it('gives the pieces of a single file, a few requests at a time', async () => {
    const content = movie();
    const { link, pieces, server, closed } = await linked(content);
    askForAll(link, content);
    await soon(() => expect(pieces.size).toBe(content.metainfo.pieceCount));
    expectAll(pieces, content);
    expect(server.mostAtOnce).toBeLessThanOrEqual(WEB_SEED_REQUESTS_AT_ONCE);
    expect(closed).toEqual([]);
  });

  it('gives a single file at its own address', async () => {
    const content = sampleContent({ name: 'movie.bin', length: 10 * KIB, pieceLength: 16 * KIB });
    const { link, pieces, server } = await linked(content, undefined, 'movie.bin');
    askForAll(link, content);
    await soon(() => expect(pieces.size).toBe(1));
    expectAll(pieces, content);
    expect(server.asked).toEqual(['bytes=0-10239 /pub/movie.bin']);
  });

  it('gives a piece of several files by one range a file, and pads it with zeros', async () => {
    const content = sampleContent({
      name: 'album #1',
      pieceLength: 64 * KIB,
      files: [
        { path: 'a?.txt', length: 100 },
        { path: 'empty', length: 0 },
        { path: '.pad/65436', length: 65_436, padding: true },
        { path: 'dir ä/b.bin', length: 70 * KIB },
        { path: 'c', length: 3 },
      ],
    });
    const { link, pieces, server } = await linked(content);
    askForAll(link, content);
    await soon(() => expect(pieces.size).toBe(content.metainfo.pieceCount));
    expectAll(pieces, content);
    expect(server.asked.toSorted()).toEqual([
      'bytes=0-2 /pub/album #1/c',
      'bytes=0-65535 /pub/album #1/dir ä/b.bin',
      'bytes=0-99 /pub/album #1/a?.txt',
      'bytes=65536-71679 /pub/album #1/dir ä/b.bin',
    ]);
  });

  it('is asked for nothing more while it is paused', async () => {
    const content = movie();
    const { link, pieces, server } = await linked(content);
    link.pause();
    askForAll(link, content);
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.asked).toEqual([]);
    link.resume();
    await soon(() => expect(pieces.size).toBe(content.metainfo.pieceCount));
  });

  it('rejects what is cancelled before it has begun, and finishes what has', async () => {
    const content = movie();
    const { link, pieces, told } = await linked(content);
    askForAll(link, content);
    for (const index of allPieces(content.metainfo.pieceCount)) link.cancel(index);
    expect(told).not.toContain('reject 3');
    await soon(() => expect(pieces.has(0)).toBe(true));
    expect([...pieces.keys()]).toEqual([0]);
    expect(told.filter((what) => what.startsWith('reject'))).toEqual(['reject 1', 'reject 2', 'reject 3']);
  });

  it('may end a connection that was kept, just when it is used again', async () => {
    const content = movie();
    const used = new WeakSet<object>();
    let ended = 0;
    const { link, pieces, closed } = await linked(content, (request, response, file) => {
      if (used.has(request.socket)) {
        ended++;
        request.socket.destroy();
      } else serveRange(request, response, file);
      used.add(request.socket);
    });
    askForAll(link, content);
    await soon(() => expect(pieces.size).toBe(content.metainfo.pieceCount));
    expectAll(pieces, content);
    expect(ended).toBeGreaterThan(0);
    expect(closed).toEqual([]);
  });

  it('skips a piece that is not needed any more', async () => {
    const content = movie();
    const { link, pieces, wanted } = await linked(content);
    wanted.delete(0 as PieceIndex);
    askForAll(link, content);
    await soon(() => expect(pieces.size).toBe(content.metainfo.pieceCount - 1));
    expect(pieces.has(0)).toBe(false);
  });
});

describe('the link to a web seed ends', () => {
  const behaviours: [string, Behaviour, RegExp][] = [
    ['that has not got the file', (_, response) => response.writeHead(404).end(), /does not have the file$/],
    ['that has a shorter file', (_, response) => response.writeHead(416).end(), /it is shorter$/],
    ['that is overloaded', (_, response) => response.writeHead(503).end(), /answers with HTTP status 503$/],
    [
      'without ranges',
      (_, response, file) => response.writeHead(200).end(file),
      /an answer of more than \d+ bytes/,
    ],
    [
      'that gives a page instead',
      (_, response) => response.writeHead(200).end('<html>'),
      /does not serve parts of a file$/,
    ],
    [
      'that gives other bytes',
      ({ headers }, response, file) =>
        serveRange({ headers: { ...headers, range: 'bytes=1-65536' } } as never, response, file),
      /gave other bytes than were asked for$/,
    ],
    [
      'that has a longer file',
      (_, response) =>
        response.writeHead(206, { 'content-range': 'bytes 0-65535/9999999' }).end(Buffer.alloc(65_536)),
      /it is 9999999 bytes long, not 1023993$/,
    ],
    [
      'that gives too little',
      (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-65535/1023993' }).end('short'),
      /gave 5 bytes, not 65536$/,
    ],
    [
      'that has a long page about what it has not got',
      (_, response) => response.writeHead(404).end(Buffer.alloc(60_000)),
      /does not have the file$/,
    ],
    [
      'that breaks off',
      (_, response) => {
        response.writeHead(206, { 'content-length': '65536' }).write('short');
        response.destroy();
      },
      /./,
    ],
    [
      'that leads in circles',
      ({ url = '' }, response) => response.writeHead(302, { location: url }).end(),
      /redirects more than \d+ times/,
    ],
  ];

  it.each(behaviours)('%s, with a sentence', async (_what, behaviour, sentence) => {
    const content = movie();
    const { link, pieces, closed } = await linked(content, behaviour);
    link.request(0 as PieceIndex);
    await soon(() => expect(closed).toHaveLength(1));
    expect(closed[0]).toMatchObject({ by: 'network', text: expect.stringMatching(sentence) });
    expect(pieces.size).toBe(0);
  });

  it('that is not there', async () => {
    const content = movie();
    const { link, closed, server } = await linked(content);
    await server.close();
    link.request(0 as PieceIndex);
    await soon(() => expect(closed).toHaveLength(1));
    expect(closed[0]?.text).toMatch(/refuses connections/);
  });

  it('when we close it: its buffers come back, and nothing arrives any more', async () => {
    const content = movie();
    const waiting: (() => void)[] = [];
    const { link, pieces, released, closed, handler } = await linked(content, (request, response, file) => {
      // The first range of the piece comes, and no other.
      if (request.headers.range?.startsWith('bytes=0-') === true) serveRange(request, response, file);
      else waiting.push(() => serveRange(request, response, file));
    });
    let received = 0;
    handler.onReceived = (bytes) => {
      received += bytes;
    };
    link.request(0 as PieceIndex);
    await soon(() => expect(waiting.length).toBe(WEB_SEED_REQUESTS_AT_ONCE - 1));
    await soon(() => expect(received).toBeGreaterThan(0));
    link.close('nothing to exchange');
    expect(closed).toEqual([]);
    for (const answer of waiting) answer();
    await soon(() => expect(closed).toHaveLength(1));
    expect(closed[0]).toMatchObject({ by: 'us', reason: 'nothing to exchange' });
    expect(released.map(({ length }) => length)).toEqual([pieceSize(content.metainfo, 0 as PieceIndex)]);
    expect(pieces.size).toBe(0);
    link.request(1 as PieceIndex);
    link.close('closing');
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toHaveLength(1);
  });

  it('at once where it is of no use', async () => {
    const told: string[] = [];
    const closed: LinkClosed[] = [];
    const handler = {
      onHaveAll: () => link?.close('nothing to exchange'),
      onUnchoke: () => told.push('unchoke'),
      onClosed: (how: LinkClosed) => closed.push(how),
    };
    let link: PeerLink | undefined;
    openWebSeed({
      url: 'http://mirror.example/',
      metainfo: movie().metainfo,
      httpGet,
      clock: systemClock,
      logger: silentLogger,
      welcome(welcomed) {
        link = welcomed;
        return {
          kind: 'accepted',
          handler: handler as unknown as LinkHandler,
          uploadLimit: new TokenBucket(Number.POSITIVE_INFINITY, 0),
          sent: new SentPieces(),
          metainfoSize: undefined,
          v2Name: undefined,
          opened() {},
        };
      },
      onFailed: (reason) => closed.push(reason),
    });
    await soon(() => expect(closed).toHaveLength(1));
    expect(told).toEqual([]);
  });

  it('where the transfer finds it at fault', async () => {
    const content = movie();
    const { link, closed, handler } = await linked(content);
    handler.takePiece = () => {
      throw new ProtocolError('piece 0 was not asked for');
    };
    link.request(0 as PieceIndex);
    await soon(() => expect(closed).toHaveLength(1));
    expect(closed[0]).toMatchObject({
      by: 'us',
      reason: 'protocol error',
      text: 'piece 0 was not asked for',
    });
  });
});

describe('a web seed that is not welcome', () => {
  it('is told as failed and asked for nothing', () => {
    const failed: LinkClosed[] = [];
    openWebSeed({
      url: 'https://mirror.example/pub/',
      metainfo: movie().metainfo,
      httpGet: () => Promise.reject(new Error('nobody was to be asked')),
      clock: systemClock,
      logger: silentLogger,
      welcome: ({ remote }, { port }) => {
        expect(remote).toEqual({ host: 'mirror.example', port: 443 });
        expect(port).toBe(0);
        return { kind: 'refused', reason: 'banned', text: 'the peer sent corrupt data before' };
      },
      onFailed: (reason) => failed.push(reason),
    });
    expect(failed).toEqual([{ by: 'us', reason: 'banned', text: 'the peer sent corrupt data before' }]);
  });
});
