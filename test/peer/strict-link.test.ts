import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HANDSHAKE_TIMEOUT_MS, MAX_PIECE_LENGTH_BYTES } from '../../src/limits.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { BufferPool } from '../../src/peer/buffer-pool.ts';
import { tcpNetwork } from '../../src/platform/tcp-network.ts';
import { encodeBtHandshake } from '../../src/wire/bt/handshake.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { sampleContent } from '../support/sample-content.ts';
import { ScriptedConnection, StrictEnd, type StrictEndOptions } from '../support/strict-ends.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** Ten pieces of 100 bytes, the last of 42: two bytes of bitfield, six spare bits. */
const content = sampleContent({ length: 942, pieceLength: 100 });
const OWN_ID = 1002;
const THEIR_ID = 1001;

let clock: VirtualClock;
let connection: ScriptedConnection;

beforeEach(() => {
  clock = new VirtualClock();
  connection = new ScriptedConnection();
});

afterEach(() => {
  connection.lose();
  expect(clock.pending).toBe(0);
});

/** The assignment's bytes, written down here once more and not taken from the code under test. */
function handshake(id: number | Buffer = THEIR_ID, zeros: Buffer = Buffer.alloc(10)): Buffer {
  return Buffer.concat([Buffer.from('P2PFILESHARINGPROJ'), zeros, typeof id === 'number' ? word(id) : id]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function frame(type: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([word(1 + payload.length), Buffer.from([type]), payload]);
}

function pieceFrame(index: number): Buffer {
  return frame(7, Buffer.concat([word(index), content.piece(index as PieceIndex)]));
}

function end(options: Partial<StrictEndOptions> = {}): StrictEnd {
  const store = new MemoryStore(content.metainfo);
  return new StrictEnd({ connection, role: { kind: 'listener' }, localId: OWN_ID, clock, store, ...options });
}

function seed(options: Partial<StrictEndOptions> = {}): StrictEnd {
  return end({ store: new MemoryStore(content.metainfo, content.bytes), ...options });
}

/** A piece of 100 bytes goes out in three slices, each when the one before has been taken. */
function oneSlice(): BufferPool {
  return new BufferPool(40, 40);
}

const dialer = { kind: 'dialer', expectedId: THEIR_ID } as const;

describe('the handshake of a strict link', () => {
  it('is said at once by who dials', () => {
    end({ role: dialer });
    expect(connection.written).toEqual(handshake(OWN_ID));
  });

  it('is said by who listens when the other one has come, and the bitfield right after it', () => {
    seed();
    expect(connection.written.length).toBe(0);
    connection.arrive(handshake());
    const bitfield = frame(5, Buffer.from([0xff, 0xc0]));
    expect(connection.written).toEqual(Buffer.concat([handshake(OWN_ID), bitfield]));
  });

  it('is followed by nothing where there is no piece yet', () => {
    end();
    connection.arrive(handshake());
    expect(connection.written).toEqual(handshake(OWN_ID));
  });

  it('makes the peer known by its ID', () => {
    const { link } = ((it) => {
      connection.arrive(handshake());
      return it;
    })(end());
    expect([link.peerId.slice(-8), link.maxRequests, link.dialect]).toEqual(['000003e9', 1, 'strict']);
  });

  it('of another peer than the one that was dialled ends the link, and says both IDs', async () => {
    const strict = end({ role: dialer });
    connection.arrive(handshake(1003));
    await setImmediate();
    expect(strict.told).toEqual(['failed by us: the peer says that it is 1003, and 1001 was dialled']);
    expect(connection.state).toBe('destroyed');
  });

  it('with an ID written as text ends the link, and says that', async () => {
    const strict = end({ role: dialer });
    connection.arrive(handshake(Buffer.from('1001')));
    await setImmediate();
    expect(strict.end).toContain('wrote its ID as the text "1001", not as a binary number');
  });

  it('with our own ID ends the link', async () => {
    const strict = end();
    connection.arrive(handshake(OWN_ID));
    await setImmediate();
    expect(strict.told).toEqual(['failed by us: the peer says that it is 1002, which is our own ID']);
  });

  it('of who is not let in is not answered', async () => {
    const strict = end({ admits: (id) => id !== 4711 });
    connection.arrive(handshake(4711));
    await setImmediate();
    expect(strict.told).toEqual(['introduced 4711', 'failed by us: 4711 is not listed']);
    expect(connection.written.length).toBe(0);
  });

  it.each([
    ['zero characters', Buffer.from('0000000000'), '30303030303030303030'],
    ['one bit in the last', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), '00000000000000000001'],
  ])('with %s in place of the ten zeros is taken, and noted', (_name, zeros, shown) => {
    const strict = end();
    connection.arrive(Buffer.concat([handshake(THEIR_ID, zeros), frame(2)]));
    expect(strict.told).toEqual(['introduced 1001', 'interested']);
    expect(strict.notes).toEqual([`its handshake has the bytes ${shown} where ten zeros belong`]);
  });

  it.each([
    ['a stranger', Buffer.from('GET / HTTP/1.1')],
    ['a BitTorrent client', Buffer.from(encodeBtHandshake(bitTorrentHandshake()))],
    ['who differs in the last letter', Buffer.from('P2PFILESHARINGPROS')],
  ])('of %s ends the link at the first wrong byte', async (_name, bytes) => {
    const strict = end();
    connection.arrive(bytes);
    await setImmediate();
    expect(strict.told).toEqual(['failed by us: the handshake does not start with P2PFILESHARINGPROJ']);
  });

  it.each([
    ['nothing', 0],
    ['half of it', 31],
  ])('is waited for ten seconds when %s comes', async (_name, bytes) => {
    const strict = end();
    connection.arrive(handshake().subarray(0, bytes));
    await clock.advance(HANDSHAKE_TIMEOUT_MS - 1);
    expect(connection.state).toBe('open');
    await clock.advance(1);
    expect(strict.told).toEqual(['failed by us: no handshake within 10 s']);
  });

  it('that never comes because the connection is lost is told', () => {
    const strict = end({ role: dialer });
    connection.lose('ECONNRESET');
    expect(strict.told).toEqual(['failed by network: ECONNRESET']);
  });
});

describe('a strict conversation', () => {
  const conversation = Buffer.concat([
    handshake(),
    frame(5, Buffer.from([0b1010_0000, 0])),
    frame(2),
    frame(1),
    pieceFrame(2),
    frame(0),
    frame(4, word(9)),
    frame(1),
    frame(1),
    pieceFrame(9),
    frame(2),
    frame(3),
    frame(6, word(2)),
  ]);
  const heard = [
    'introduced 1001',
    'bitfield a000',
    'interested',
    'unchoke',
    'piece 2 of 100 bytes',
    'choke',
    'have 9',
    'unchoke',
    'unchoke',
    'piece 9 of 42 bytes',
    'interested',
    'not interested',
    'request 2',
  ];

  it('is understood the same wherever it is cut', () => {
    for (let cut = 0; cut <= conversation.length; cut++) {
      connection = new ScriptedConnection();
      const strict = end({ connection });
      connection.arrive(conversation.subarray(0, cut));
      connection.arrive(conversation.subarray(cut));
      expect(strict.told, `cut at ${cut}`).toEqual(heard);
      expect(strict.pieces.get(9)).toEqual(new Uint8Array(content.piece(9 as PieceIndex)));
      connection.lose();
    }
  });

  it('is understood the same in any number of parts', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: conversation.length }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (places) => {
        connection = new ScriptedConnection();
        const strict = end({ connection });
        const borders = [0, ...[...places].sort((one, other) => one - other), conversation.length];
        for (const [at, border] of borders.slice(1).entries())
          connection.arrive(conversation.subarray(borders[at], border));
        expect(strict.told).toEqual(heard);
        connection.lose();
      }),
    );
  });

  it('tells of a bitfield with nothing in it, and takes it', () => {
    const strict = end();
    connection.arrive(Buffer.concat([handshake(), frame(5, Buffer.alloc(2))]));
    expect(strict.told.at(-1)).toBe('bitfield 0000');
    expect(strict.notes).toEqual(['it sent a bitfield without a piece in it']);
  });

  it('tells of bits behind the last piece, and takes the others', () => {
    const strict = end();
    connection.arrive(Buffer.concat([handshake(), frame(5, Buffer.from([0xff, 0xff]))]));
    expect(strict.told.at(-1)).toBe('bitfield ffc0');
    expect(strict.notes).toEqual(['its bitfield has bits set behind the last piece']);
  });
});

describe('a strict peer that breaks the protocol', () => {
  it.each([
    ['with a frame of length zero', word(0), 'a frame of length zero'],
    ['with a type that lanshare alone has', frame(19, word(3)), 'a frame of unknown type 19'],
    ['with the hello of lanshare', frame(16, Buffer.from('de')), 'a frame of unknown type 16'],
    ['with the next free type', frame(8), 'a frame of unknown type 8'],
    ['with the last type there can be', frame(255), 'a frame of unknown type 255'],
    ['with a choke that says more', frame(0, Buffer.alloc(1)), 'a frame of type 0 with 1 bytes of payload'],
    ['with a have of three bytes', frame(4, Buffer.alloc(3)), 'a frame of type 4 with 3 bytes of payload'],
    [
      'with a request of BitTorrent',
      frame(6, Buffer.alloc(12)),
      'a frame of type 6 with 12 bytes of payload',
    ],
    ['with a piece without content', frame(7, word(3)), 'a frame of type 7 with 4 bytes of payload'],
    [
      'with a piece larger than any',
      Buffer.concat([word(6 + MAX_PIECE_LENGTH_BYTES), Buffer.from([7])]),
      `a frame of type 7 with ${MAX_PIECE_LENGTH_BYTES + 5} bytes of payload`,
    ],
    [
      'with four gigabytes',
      Buffer.from([0xff, 0xff, 0xff, 0xff, 5]),
      'a frame of type 5 with 4294967294 bytes of payload',
    ],
    ['with a bitfield too short', frame(5, Buffer.alloc(1)), 'a bitfield of 1 bytes, and 10 pieces need 2'],
    ['with a bitfield too long', frame(5, Buffer.alloc(3)), 'a bitfield of 3 bytes, and 10 pieces need 2'],
    [
      'with a second bitfield',
      Buffer.concat([frame(5, Buffer.alloc(2)), frame(5, Buffer.alloc(2))]),
      'a bitfield that is not the first message after the handshake',
    ],
    [
      'with a late bitfield',
      Buffer.concat([frame(2), frame(5, Buffer.alloc(2))]),
      'a bitfield that is not the first message after the handshake',
    ],
    ['with a second handshake', handshake(), 'a frame of unknown type 73'],
    ['with a piece that nobody asked for', pieceFrame(3), 'piece 3 was not asked for'],
  ])('%s loses its link, and a sentence says why', (_name, bytes, sentence) => {
    const strict = end({ expects: () => false });
    connection.arrive(Buffer.concat([handshake(), bytes, frame(2)]));
    expect(connection.state).toBe('shut down');
    connection.lose();
    expect(strict.end).toBe(`closed by us: ${sentence}`);
    expect(strict.told.filter((line) => line === 'interested').length).toBeLessThan(2);
  });

  it('with a frame of length zero is not waited for', () => {
    end();
    connection.arrive(Buffer.concat([handshake(), word(0)]));
    expect(connection.state).toBe('shut down');
  });

  it('that is lost in the middle of a piece leaves its buffer to others', () => {
    const strict = end();
    connection.arrive(Buffer.concat([handshake(), pieceFrame(3).subarray(0, 50)]));
    connection.lose('ECONNRESET');
    expect(strict.released).toBe(1);
    expect(strict.end).toBe('closed by network: ECONNRESET');
  });

  it('that is lost after a piece takes nothing of it back', () => {
    const strict = end();
    connection.arrive(Buffer.concat([handshake(), pieceFrame(3), pieceFrame(4).subarray(0, 8)]));
    connection.lose('ECONNRESET');
    expect([strict.pieces.size, strict.released]).toEqual([1, 0]);
  });
});

describe('a strict link that serves', () => {
  it('answers a request with the whole piece and nothing behind it', async () => {
    seed();
    connection.arrive(handshake());
    const before = connection.written.length;
    connection.arrive(frame(6, word(9)));
    await setImmediate();
    expect(connection.written.subarray(before)).toEqual(pieceFrame(9));
  });

  it('does not answer what it does not grant', async () => {
    const strict = seed({ grants: (index) => index !== 3 });
    connection.arrive(handshake());
    const before = connection.written.length;
    connection.arrive(Buffer.concat([frame(6, word(3)), frame(6, word(4))]));
    await setImmediate();
    expect(strict.told.slice(1)).toEqual(['request 3', 'request 4']);
    expect(connection.written.subarray(before)).toEqual(pieceFrame(4));
  });

  it('drops what waits when it chokes, and finishes the piece that it is sending', async () => {
    const strict = seed({ buffers: oneSlice() });
    connection.held = [];
    connection.arrive(Buffer.concat([handshake(), frame(6, word(1)), frame(6, word(2)), frame(6, word(3))]));
    await setImmediate();
    strict.link.choke();
    connection.take();
    await setImmediate();
    const sent = connection.written.toString('hex');
    expect(sent.endsWith(Buffer.concat([pieceFrame(1), frame(0)]).toString('hex'))).toBe(true);
  });

  it('says nothing that the assignment has no word for', () => {
    const { link } = ((it) => {
      connection.arrive(handshake());
      return it;
    })(end());
    const before = connection.written.length;
    link.cancel(1 as PieceIndex);
    link.offerMetainfo(10);
    link.requestMetainfo(0, 10);
    link.exchangePeers([], []);
    expect(connection.written.length).toBe(before);
  });

  it('ends when a piece that it granted cannot be read', async () => {
    const store = new MemoryStore(content.metainfo, content.bytes);
    const strict = seed({ store });
    connection.arrive(handshake());
    await store.close();
    connection.arrive(frame(6, word(4)));
    await setImmediate();
    connection.lose();
    expect(strict.told.slice(-2)).toEqual(['source fault', 'closed by us: piece 4 cannot be read']);
  });
});

describe('a strict link that is closed', () => {
  it('sends the rest of an open piece and what waits behind it first', async () => {
    const strict = seed({ buffers: oneSlice() });
    connection.held = [];
    connection.arrive(Buffer.concat([handshake(), frame(6, word(1)), frame(6, word(2))]));
    await setImmediate();
    strict.link.have(7 as PieceIndex);
    strict.link.close('nothing to exchange');
    expect(connection.state).toBe('open');
    connection.take();
    await setImmediate();
    const bitfield = frame(5, Buffer.from([0xff, 0xc0]));
    expect(connection.written).toEqual(
      Buffer.concat([handshake(OWN_ID), bitfield, pieceFrame(1), frame(4, word(7))]),
    );
    expect(connection.state).toBe('shut down');
  });

  it('reads on, so that nothing is reset, and tells nobody what it reads', () => {
    const strict = end();
    connection.arrive(handshake());
    strict.link.pause();
    strict.link.close('nothing to exchange');
    expect(connection.paused).toBe(false);
    connection.arrive(Buffer.concat([frame(4, word(3)), frame(2), frame(200)]));
    connection.lose();
    expect(strict.told).toEqual(['introduced 1001', 'closed by us: nothing to exchange']);
  });

  it('by what it has just told tells nothing of what came with that', () => {
    const strict = end({
      grants() {
        strict.link.close('closing');
        return false;
      },
    });
    connection.arrive(Buffer.concat([handshake(), frame(6, word(1)), frame(2)]));
    expect(strict.told).toEqual(['introduced 1001', 'request 1']);
  });

  it('is destroyed where the other side never ends', async () => {
    const strict = end();
    connection.arrive(handshake());
    strict.link.close('closing');
    await clock.advance(10_000);
    expect(connection.state).toBe('destroyed');
    expect(strict.end).toBe('closed by us: closing');
  });

  it('loses nothing over TCP while the other side talks on', async () => {
    let far: StrictEnd | undefined;
    const listener = await tcpNetwork.listen(
      0,
      (accepted) => {
        far = end({ connection: accepted });
      },
      '127.0.0.1',
    );
    const signal = new AbortController().signal;
    const dialed = await tcpNetwork.dial({ host: '127.0.0.1', port: listener.port }, signal);
    const near = end({ connection: dialed, localId: THEIR_ID, role: { kind: 'dialer', expectedId: OWN_ID } });
    await until(() => near.told.length > 0 && far?.told.length === 1);
    // More than fits between the two as long as nobody reads.
    far?.link.pause();
    for (let at = 0; at < 15_000; at++) near.link.have(5 as PieceIndex);
    near.link.close('nothing to exchange');
    for (let turn = 0; turn < 100; turn++) {
      far?.link.have(3 as PieceIndex);
      await setImmediate();
    }
    far?.link.resume();
    await until(() => near.end !== undefined && far?.end !== undefined);
    await listener.close();
    expect(far?.told.filter((line) => line === 'have 5').length).toBe(15_000);
    expect(far?.end).toBe('closed by network: the connection was closed');
  });
});

function bitTorrentHandshake() {
  const bytes = Buffer.alloc(20, 1);
  const supports = { extensions: true, fast: true, v2: false };
  return { infoHash: content.metainfo.infoHash, peerId: bytes, supports };
}

async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (done()) return;
    await setImmediate();
  }
  throw new Error('what was waited for did not happen');
}
