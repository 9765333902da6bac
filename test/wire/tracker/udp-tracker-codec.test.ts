import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SCRAPED_CONTENTS, MAX_TRACKER_PEERS } from '../../../src/limits.ts';
import { infoHashFromBytes } from '../../../src/metainfo/metainfo.ts';
import { decodeUdpTrackerResponse } from '../../../src/wire/tracker/decode-udp-tracker.ts';
import { encodeUdpTrackerRequest } from '../../../src/wire/tracker/encode-udp-tracker.ts';
import { TrackerFault } from '../../../src/wire/tracker/tracker-fault.ts';
import type { UdpTrackerRequest, UdpTrackerResponse } from '../../../src/wire/tracker/udp-tracker-message.ts';
import { decodeUdpTrackerRequest, encodeUdpTrackerResponse } from '../../trackers/udp-tracker-side.ts';
import { anyAnnounce, anyInfoHash, anyPeers, bytes } from './arbitrary-announce.ts';

const uint32 = fc.integer({ min: 0, max: 0xff_ff_ff_ff });
const counts = fc.record({ seeders: uint32, completed: uint32, leechers: uint32 });

const anyRequest: fc.Arbitrary<UdpTrackerRequest> = fc.oneof(
  fc.record({ type: fc.constant('connect' as const), transactionId: uint32 }),
  fc.record({
    type: fc.constant('announce' as const),
    connectionId: bytes(8),
    transactionId: uint32,
    request: anyAnnounce,
    urlData: fc.oneof(fc.constantFrom('', '/announce', '/x?passkey=12'), fc.webPath({ size: 'large' })),
  }),
  fc.record({
    type: fc.constant('scrape' as const),
    connectionId: bytes(8),
    transactionId: uint32,
    infoHashes: fc.array(anyInfoHash, { minLength: 1, maxLength: MAX_SCRAPED_CONTENTS }),
  }),
);

function anyResponse(family: 'IPv4' | 'IPv6'): fc.Arbitrary<UdpTrackerResponse> {
  return fc.oneof(
    fc.record({ type: fc.constant('connected' as const), transactionId: uint32, connectionId: bytes(8) }),
    fc.record({
      type: fc.constant('announced' as const),
      transactionId: uint32,
      intervalSeconds: uint32,
      leechers: uint32,
      seeders: uint32,
      peers: anyPeers(family),
    }),
    fc.record({
      type: fc.constant('scraped' as const),
      transactionId: uint32,
      contents: fc.array(counts, { maxLength: MAX_SCRAPED_CONTENTS }),
    }),
    fc.record({
      type: fc.constant('error' as const),
      transactionId: uint32,
      message: fc.constantFrom('torrent not registered', 'Grüße'),
    }),
  );
}

describe('UDP tracker messages', () => {
  it('with nothing behind the header of an announce say that the content is not served, as opentracker does', () => {
    expect(decodeUdpTrackerResponse(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 9), 'IPv4')).toEqual({
      type: 'error',
      transactionId: 9,
      message: 'the tracker does not serve this content',
    });
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(decodeUdpTrackerRequest(encodeUdpTrackerRequest(request))).toEqual(request);
      }),
    );
    for (const family of ['IPv4', 'IPv6'] as const)
      fc.assert(
        fc.property(anyResponse(family), (response) => {
          const written = encodeUdpTrackerResponse(response, family);
          expect(decodeUdpTrackerResponse(written, family)).toEqual(response);
        }),
      );
  });

  it('are the bytes of BEP 15', () => {
    const connect = encodeUdpTrackerRequest({ type: 'connect', transactionId: 0x01020304 });
    expect(hex(connect)).toBe('00000417271019800000000001020304');
    const announce = encodeUdpTrackerRequest({
      type: 'announce',
      connectionId: Buffer.from('1112131415161718', 'hex'),
      transactionId: 5,
      request: {
        infoHash: infoHashFromBytes(Buffer.alloc(20, 0xaa)),
        peerId: Buffer.alloc(20, 0xbb),
        downloaded: 1,
        left: 2 ** 40,
        uploaded: 3,
        event: 'started',
        key: 0xdeadbeef,
        peersWanted: undefined,
        port: 6881,
      },
      urlData: '',
    });
    expect(hex(announce)).toBe(
      `11121314151617180000000100000005${'aa'.repeat(20)}${'bb'.repeat(20)}` +
        '0000000000000001000001000000000000000000000000030000000200000000deadbeefffffffff1ae1',
    );
    const answer = Buffer.from('0000000100000005000007080000000200000003c0a8010a1ae10a0000011ae2', 'hex');
    expect(decodeUdpTrackerResponse(answer, 'IPv4')).toEqual({
      type: 'announced',
      transactionId: 5,
      intervalSeconds: 1_800,
      leechers: 2,
      seeders: 3,
      peers: [
        { host: '192.168.1.10', port: 6881 },
        { host: '10.0.0.1', port: 6882 },
      ],
    });
  });

  it('with the path of the URL behind them carry it in parts of at most 255 bytes (BEP 41)', () => {
    const urlData = `/announce?key=${'k'.repeat(300)}`;
    const request = fc.sample(anyAnnounce, 1)[0];
    if (request === undefined) throw new Error('no sample');
    const common = { type: 'announce', connectionId: new Uint8Array(8), transactionId: 1, request } as const;
    const written = encodeUdpTrackerRequest({ ...common, urlData });
    expect([...written.subarray(98, 100)]).toEqual([2, 255]);
    expect(decodeUdpTrackerRequest(written)).toEqual({ ...common, urlData });
  });

  it('without the protocol id, or of an unknown action, are refused', () => {
    const connect = encodeUdpTrackerRequest({ type: 'connect', transactionId: 1 });
    expect(() => decodeUdpTrackerRequest(connect.with(0, 1))).toThrow(/without the protocol id/);
    expect(() => decodeUdpTrackerRequest(connect.with(11, 9))).toThrow(/unknown action, 9/);
    expect(() => decodeUdpTrackerResponse(Buffer.from('0000000900000001', 'hex'), 'IPv4')).toThrow(
      /unknown action, 9/,
    );
  });

  it('never break the reader, whatever they are', () => {
    const head = fc.constantFrom(0, 1, 2, 3, 4).map((action) => Uint8Array.of(0, 0, 0, action));
    const hostile = fc
      .tuple(head, fc.uint8Array({ maxLength: 300 }))
      .map(([start, rest]) => Buffer.concat([start, rest]));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.uint8Array({ maxLength: 200 })), (datagram) => {
        for (const read of [
          () => decodeUdpTrackerRequest(datagram),
          () => decodeUdpTrackerResponse(datagram, 'IPv4'),
          () => decodeUdpTrackerResponse(datagram, 'IPv6'),
        ])
          refusedOrRead(read);
      }),
      { numRuns: 500 },
    );
  });

  it('of which the end is missing are refused, or read as far as they go', () => {
    fc.assert(
      fc.property(anyResponse('IPv4'), fc.nat(200), (response, length) => {
        const cut = encodeUdpTrackerResponse(response, 'IPv4').subarray(0, length);
        refusedOrRead(() => decodeUdpTrackerResponse(cut, 'IPv4'));
      }),
    );
  });

  it('give no more than a bounded number of peers', () => {
    const huge = Buffer.concat([Buffer.from('0000000100000005', 'hex'), Buffer.alloc(12 + 60_000, 1)]);
    const answer = decodeUdpTrackerResponse(huge, 'IPv4');
    expect(answer.type === 'announced' && answer.peers.length).toBe(MAX_TRACKER_PEERS);
  });

  it('have their error made safe to print', () => {
    const message = `\x1b[2J${'x'.repeat(5_000)}`;
    const error = encodeUdpTrackerResponse({ type: 'error', transactionId: 1, message }, 'IPv4');
    const read = decodeUdpTrackerResponse(error, 'IPv4');
    expect(read.type === 'error' && read.message).toMatch(/^\\x1b\[2Jx{508}$/);
  });
});

function refusedOrRead(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(TrackerFault);
  }
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}
