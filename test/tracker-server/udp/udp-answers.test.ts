import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_UDP_ANSWER_BYTES } from '../../../src/limits.ts';
import { type Match, Matchmaker } from '../../../src/tracker-server/registry/matchmaker.ts';
import { Registry } from '../../../src/tracker-server/registry/registry.ts';
import { ConnectionIds } from '../../../src/tracker-server/udp/connection-ids.ts';
import { UdpAnswers } from '../../../src/tracker-server/udp/udp-answers.ts';
import type { AnnounceRequest } from '../../../src/wire/tracker/announce.ts';
import { decodeUdpTrackerResponse } from '../../../src/wire/tracker/decode-udp-tracker.ts';
import { encodeUdpTrackerRequest } from '../../../src/wire/tracker/encode-udp-tracker.ts';
import type { UdpTrackerRequest } from '../../../src/wire/tracker/udp-tracker-message.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { anyAnnounce, bytes } from '../../wire/tracker/arbitrary-announce.ts';
import { infoHashOfContent, peerIdOf } from '../announcing.ts';
import { RegistryAnswers } from '../registry-answers.ts';

const NOW = 600_000;
const INTERVAL = 1_800;

interface Options {
  readonly tracks?: (infoHash: Uint32Array) => boolean;
  readonly allowPublic?: boolean;
  readonly onMatched?: (match: Match) => void;
}

function tracker({ tracks, allowPublic = false, onMatched }: Options = {}) {
  const random = seededRandom(1);
  const registry = new Registry({ random, intervalSeconds: INTERVAL, ...(tracks && { tracks }) });
  const matchmaker = new Matchmaker({
    registry,
    ownAddress: () => undefined,
    allowPublic,
    onMatched,
  });
  const answers = new UdpAnswers({
    matchmaker,
    connectionIds: new ConnectionIds(random, NOW),
    intervalSeconds: INTERVAL,
  });
  const received = new DataView(new ArrayBuffer(2_048));
  const answer = new DataView(new ArrayBuffer(MAX_UDP_ANSWER_BYTES));
  return {
    registry,
    counts: answers.counts,
    objects: new RegistryAnswers({ matchmaker, intervalSeconds: INTERVAL, nowSeconds: () => NOW }),
    say(datagram: Uint8Array, from = '10.0.0.1', now = NOW): Uint8Array {
      new Uint8Array(received.buffer).fill(0xee);
      new Uint8Array(received.buffer).set(datagram.subarray(0, 2_048));
      const length = answers.answer(received, Math.min(2_048, datagram.length), from, answer, now);
      return new Uint8Array(answer.buffer.slice(0, length));
    },
  };
}

type Tracker = ReturnType<typeof tracker>;

function connect({ say }: Tracker, from = '10.0.0.1', now = NOW): Uint8Array {
  const answer = decodeUdpTrackerResponse(
    say(encodeUdpTrackerRequest({ type: 'connect', transactionId: 7 }), from, now),
    'IPv4',
  );
  if (answer.type !== 'connected') throw new Error(answer.type);
  return answer.connectionId;
}

function request(fields: Partial<AnnounceRequest> = {}): AnnounceRequest {
  return {
    infoHash: infoHashOfContent(1),
    peerId: peerIdOf('me'),
    port: 6_881,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: 'regular',
    peersWanted: undefined,
    key: 0,
    ...fields,
  };
}

function ask(
  to: Tracker,
  message: Partial<AnnounceRequest> | readonly ReturnType<typeof infoHashOfContent>[],
  from = '10.0.0.1',
  urlData = '',
) {
  const connectionId = connect(to, from);
  const asked: UdpTrackerRequest = Array.isArray(message)
    ? { type: 'scrape', connectionId, transactionId: 9, infoHashes: message }
    : {
        type: 'announce',
        connectionId,
        transactionId: 9,
        request: request(message as Partial<AnnounceRequest>),
        urlData,
      };
  return decodeUdpTrackerResponse(
    to.say(encodeUdpTrackerRequest(asked), from),
    from.includes(':') ? 'IPv6' : 'IPv4',
  );
}

describe('a UDP tracker', () => {
  it('answers an announcement as the codec and the registry’s objects say, whatever is in it', () => {
    const host = fc.constantFrom('10.0.0.1', '10.0.0.2', '127.0.0.1', 'fd00::1');
    const from = fc.constantFrom('10.0.0.9', 'fd00::9');
    const infoHash = fc.constantFrom(1, 2).map(infoHashOfContent);
    // All or none, for which ones of many are given is chance.
    const wanted = fc.constantFrom(0, 20, 2 ** 31 - 1, undefined);
    const one = fc.tuple(
      fc
        .tuple(anyAnnounce, infoHash, wanted)
        .map(([all, hash, peersWanted]) => ({ ...all, infoHash: hash, peersWanted })),
      host,
    );
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 12 }),
        one,
        from,
        fc.string(),
        (before, [last], asker, urlData) => {
          const [udp, objects] = [tracker(), tracker().objects];
          for (const [announced, sender] of before) {
            ask(udp, announced, sender);
            objects.announce(announced, sender);
          }
          const answer = ask(udp, last, asker, urlData);
          const expected = objects.announce(last, asker);
          if ('type' in expected) {
            expect(answer).toMatchObject({ type: 'error', message: expected.reason });
            return;
          }
          const isOfFamily = ({ host: address }: { host: string }): boolean =>
            address.includes(':') === asker.includes(':');
          expect(answer).toMatchObject({
            type: 'announced',
            transactionId: 9,
            intervalSeconds: INTERVAL,
            seeders: expected.seeders,
            leechers: expected.leechers,
          });
          if (answer.type === 'announced')
            expect(sorted(answer.peers)).toEqual(sorted(expected.peers.filter(isOfFamily)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('answers a scrape in its order, with zeros for what it does not know', () => {
    const udp = tracker();
    ask(udp, { left: 0, event: 'completed' });
    ask(udp, { infoHash: infoHashOfContent(3), peerId: peerIdOf('other') }, '10.0.0.2');
    expect(ask(udp, [3, 2, 1].map(infoHashOfContent))).toEqual({
      type: 'scraped',
      transactionId: 9,
      contents: [
        { seeders: 0, completed: 0, leechers: 1 },
        { seeders: 0, completed: 0, leechers: 0 },
        { seeders: 1, completed: 1, leechers: 0 },
      ],
    });
    const many = Array.from({ length: 74 }, (_, content) => infoHashOfContent(content));
    expect(ask(udp, many)).toMatchObject({ contents: { length: 74 } });
    expect(udp.counts).toMatchObject({ announces: 2, scrapes: 2 });
  });

  it('gives as many peers as fit the smallest MTU of IPv6', () => {
    const udp = tracker();
    for (let at = 1; at <= 250; at++) {
      ask(udp, { peerId: peerIdOf(`${at}`), peersWanted: 0 }, `10.0.0.${at}`);
      ask(udp, { peerId: peerIdOf(`${at}`), peersWanted: 0 }, `fd00::${at}`);
    }
    expect(ask(udp, { peersWanted: 10_000 }, '10.0.0.251')).toMatchObject({ peers: { length: 200 } });
    expect(ask(udp, { peersWanted: 10_000 }, 'fd00::251')).toMatchObject({ peers: { length: 67 } });
  });

  it('gives 50 peers to who leaves it to the tracker', () => {
    const udp = tracker();
    for (let at = 1; at <= 60; at++) ask(udp, { peerId: peerIdOf(`${at}`) }, `10.0.0.${at}`);
    expect(ask(udp, {}, '10.0.0.99')).toMatchObject({ peers: { length: 50 } });
  });

  it('knows a peer whose address changes by the new one, whatever address it names', () => {
    const udp = tracker();
    const connectionId = connect(udp);
    const bytes = Buffer.from(
      encodeUdpTrackerRequest({
        type: 'announce',
        connectionId,
        transactionId: 1,
        request: request(),
        urlData: '',
      }),
    );
    bytes.set([6, 6, 6, 6], 84);
    udp.say(bytes);
    expect(ask(udp, { peerId: peerIdOf('other') }, '10.0.0.2')).toMatchObject({
      peers: [{ host: '10.0.0.1', port: 6_881 }],
    });
  });

  it('refuses port 0 and contents that it does not track, and counts why', () => {
    const udp = tracker({ tracks: () => false });
    expect(ask(udp, { port: 0 })).toMatchObject({ type: 'error', message: 'port 0 cannot be reached' });
    expect(ask(udp, {})).toMatchObject({
      type: 'error',
      message: 'this tracker does not serve this content',
    });
    expect(udp.counts.refused).toMatchObject({ 'port 0': 1, 'not tracked': 1 });
    expect(udp.counts.announces).toBe(0);
  });

  it('says nothing to public addresses, unless they are allowed', () => {
    const hello = encodeUdpTrackerRequest({ type: 'connect', transactionId: 7 });
    const closed = tracker();
    for (const from of ['8.8.8.8', '2a00::1', '224.0.0.1', '0.0.0.0', 'nowhere'])
      expect(closed.say(hello, from)).toHaveLength(0);
    expect(closed.counts.refused).toMatchObject({ 'not private': 4, malformed: 1 });
    const open = tracker({ allowPublic: true });
    expect(open.say(hello, '8.8.8.8')).toHaveLength(16);
    expect(open.say(hello, '224.0.0.1')).toHaveLength(0);
  });

  it('tells a listener who is matched with whom, a hundred times a second', () => {
    const matches: Match[] = [];
    const udp = tracker({ onMatched: (match) => matches.push(match) });
    ask(udp, { peerId: peerIdOf('first') }, '10.0.0.1');
    expect(matches).toEqual([]);
    ask(udp, { peerId: peerIdOf('other') }, '10.0.0.2');
    expect(matches).toEqual([
      {
        infoHash: infoHashOfContent(1),
        peer: { host: '10.0.0.2', port: 6_881 },
        with: [{ host: '10.0.0.1', port: 6_881 }],
      },
    ]);
    for (let times = 0; times < 500; times++) ask(udp, { peerId: peerIdOf('other') }, '10.0.0.2');
    expect(matches).toHaveLength(100);
  });
});

describe('without a good connection id', () => {
  it('nothing is answered, but 16 bytes to 16 bytes', () => {
    const udp = tracker();
    const ids = [connect(udp, '10.0.0.66'), connect(udp, '10.0.0.1', NOW), new Uint8Array(8)];
    for (const [at, connectionId] of ids.entries()) {
      const datagram = encodeUdpTrackerRequest({
        type: 'announce',
        connectionId,
        transactionId: 1,
        request: request(),
        urlData: '',
      });
      // That of another address, one that is four minutes old, and a forged one.
      expect(udp.say(datagram, '10.0.0.1', NOW + (at === 1 ? 240 : 0))).toHaveLength(0);
    }
    expect(udp.counts.refused['bad connection id']).toBe(3);
    expect(udp.registry.peers).toBe(0);
  });

  it('no datagram, however made, gets more than it is long, or has anything registered', () => {
    const udp = tracker();
    const protocolId = Buffer.from('0000041727101980', 'hex');
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.nat(4), fc.uint8Array({ maxLength: 1_500 }))
        .map(([action, rest]) => Buffer.concat([protocolId, Buffer.of(0, 0, 0, action), rest])),
    );
    fc.assert(
      fc.property(anything, (datagram) => {
        const answer = udp.say(datagram);
        expect([0, 16]).toContain(answer.length);
        expect(answer.length).toBeLessThanOrEqual(datagram.length);
      }),
      { numRuns: 2_000 },
    );
    expect(udp.registry.peers).toBe(0);
  });
});

describe('with a good connection id', () => {
  it('what is cut gets nothing, an unknown action a short error, and neither is registered', () => {
    const udp = tracker();
    const connectionId = connect(udp);
    const whole = encodeUdpTrackerRequest({
      type: 'announce',
      connectionId,
      transactionId: 1,
      request: request(),
      urlData: '',
    });
    for (let length = 0; length < whole.length; length++)
      expect(udp.say(whole.subarray(0, length))).toHaveLength(0);
    expect(udp.registry.peers).toBe(0);
    for (const action of [3, 4, 0xffff_ffff]) {
      const unknown = Buffer.from(whole.subarray(0, 16));
      unknown.writeUInt32BE(action, 8);
      expect(decodeUdpTrackerResponse(udp.say(unknown), 'IPv4')).toEqual({
        type: 'error',
        transactionId: 1,
        message: 'unknown action',
      });
    }
    expect(udp.counts.refused).toMatchObject({ malformed: 98, 'unknown action': 3 });
  });

  it('nothing that follows breaks it, and answers stay within their limit', () => {
    const udp = tracker();
    const connectionId = connect(udp);
    const rest = fc.tuple(fc.constantFrom(1, 2), bytes(4), fc.uint8Array({ maxLength: 2_000 }));
    fc.assert(
      fc.property(rest, ([action, transaction, more]) => {
        const datagram = Buffer.concat([connectionId, Buffer.of(0, 0, 0, action), transaction, more]);
        const answer = udp.say(datagram);
        expect(answer.length).toBeLessThanOrEqual(MAX_UDP_ANSWER_BYTES);
        if (answer.length > 0) expect(Buffer.from(answer.subarray(4, 8))).toEqual(Buffer.from(transaction));
      }),
      { numRuns: 1_000 },
    );
  });
});

function sorted(peers: readonly { readonly host: string; readonly port: number }[]): readonly string[] {
  return peers.map(({ host, port }) => `${host} ${port}`).sort();
}
