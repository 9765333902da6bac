import { describe, expect, it } from 'vitest';
import type { Query } from '../../src/discovery/discovery.ts';
import { Browser } from '../../src/discovery/mdns/browser.ts';
import { type DnsMessage, type DnsRecord, recordKey } from '../../src/discovery/mdns/dns-record.ts';
import { createMdns } from '../../src/discovery/mdns/mdns.ts';
import {
  loadMulticastDns,
  type MakeMulticastDns,
  type MdnsCodec,
  makeMdnsCodec,
  type OutgoingMessage,
} from '../../src/discovery/mdns/mdns-codec.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import {
  MAX_DATAGRAM_BYTES,
  MAX_MDNS_POINTERS_PER_SERVICE,
  MAX_MDNS_QUESTIONS,
  MDNS_UNICAST_ANSWERS_PER_SOURCE_PER_SECOND,
} from '../../src/limits.ts';
import type { DatagramSocket } from '../../src/platform/datagram.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { testSeed } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import type { Sent, VirtualHost } from '../support/virtual-lan.ts';
import { DiscoveryLan, type DiscoveryNode, hash, lansOf } from './discovery-lan.ts';

const seed = testSeed();
const SERVICE = '_lanshare._tcp.local';
const GROUP: Endpoint = { host: '224.0.0.251', port: 5353 };
const EVERYTHING: Query = { kind: 'everything' };
const PTR = { name: SERVICE, type: 'PTR', unicast: false } as const;
const NSEC = 47;
const NO_MESSAGE: DnsMessage = {
  kind: 'query',
  id: 0,
  truncated: false,
  questions: [],
  answers: [],
  additionals: [],
};
const peer = (number: number): PeerId => `a${number.toString(16).padStart(39, '0')}` as PeerId;
const makeMulticastDns: MakeMulticastDns = await loadMulticastDns();

interface Node extends DiscoveryNode {
  readonly nodesHeard: readonly Endpoint[];
}

/** Somebody else on the link, who sends what a test tells him and keeps what he gets. */
interface Stranger {
  readonly received: { readonly message: DnsMessage; readonly at: number }[];
  send(message: OutgoingMessage, to?: Endpoint): void;
  sendBytes(bytes: Uint8Array, to?: Endpoint): void;
}

class Lan extends DiscoveryLan {
  #hosts = 0;

  /** IPv4 only, so that everything is said once. */
  override host(): VirtualHost {
    return this.lan.host({ eth0: [`10.77.0.${++this.#hosts}/24`] });
  }

  async node(host = this.host()): Promise<Node> {
    const nodesHeard: Endpoint[] = [];
    const nodeHeard = (endpoint: Endpoint): void => void nodesHeard.push(endpoint);
    const node = await this.open((setting) => createMdns({ ...setting, nodeHeard }), host);
    return { ...node, nodesHeard };
  }

  /** Sends from port 5353, or from a port of its own, and from another host unless one is given. */
  async stranger(port: 5353 | 0 = 5353, host = this.host()): Promise<Stranger> {
    const received: { readonly message: DnsMessage; readonly at: number }[] = [];
    const codec: MdnsCodec = makeMdnsCodec(makeMulticastDns, {
      group: GROUP,
      transmit: (bytes, to) => socket.send(bytes, to),
      onMessage: (message, { host: from }) => {
        const own = host
          .interfaces()
          .some(({ addresses }) => addresses.some(({ address }) => address === from));
        if (!own) received.push({ message, at: this.clock.now() });
      },
    });
    const [lan] = host.interfaces();
    const own = lan?.addresses[0]?.address ?? '';
    const options = { family: 'IPv4', port, shared: port !== 0, multicastInterface: own } as const;
    const onDatagram = (bytes: Uint8Array, from: Endpoint): void => void codec.receive(bytes, from);
    const handlers = { onDatagram, onError: () => {} };
    const socket: DatagramSocket = await host.open({ ...options, address: '0.0.0.0' }, handlers);
    socket.join(GROUP.host, own);
    return { received, send: codec.send, sendBytes: (bytes, to = GROUP) => socket.send(bytes, to) };
  }
}

const newLan = lansOf(() => new Lan(seed));

function decode({ bytes }: Sent): DnsMessage {
  let message: DnsMessage | undefined;
  const onMessage = (decoded: DnsMessage): void => {
    message = decoded;
  };
  makeMdnsCodec(makeMulticastDns, { group: GROUP, onMessage, transmit: () => {} }).receive(bytes, GROUP);
  if (message === undefined) throw new Error('not a DNS message');
  return message;
}

const responses = (lan: Lan): DnsMessage[] =>
  lan.lan.sent.map(decode).filter(({ kind }) => kind === 'response');
const answersIn = (messages: readonly DnsMessage[], type: string): DnsRecord[] =>
  messages.flatMap(({ answers }) => answers).filter((record) => record.type === type);
const sentBy = (lan: Lan, host: string): Sent[] => lan.lan.sent.filter(({ from }) => from.host === host);
const inAll = ({ answers, additionals }: DnsMessage): DnsRecord[] => [...answers, ...additionals];

describe(`finding by mDNS (seed ${seed})`, () => {
  it('takes 20 to 120 ms, as answers that several may give are spread', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(10_000);
    const fetcher = await lan.node();
    fetcher.discovery.seek({ kind: 'name', name: 'movie.txt' });
    await lan.clock.advance(19);
    expect(fetcher.table.contents()).toEqual([]);
    await lan.clock.advance(102);
    expect(fetcher.table.named('movie.txt')[0]?.holders[0]).toMatchObject({
      peerId: sharer.peerId,
      addresses: [{ endpoint: { host: '10.77.0.1', port: 47_470 }, path: 'mdns' }],
    });
  });

  it('by hash asks for its sub-type, and only holders answer', async () => {
    const lan = newLan();
    const holder = await lan.node();
    const other = await lan.node();
    holder.hold({ infoHash: hash(1) });
    other.hold({ infoHash: hash(2) });
    await lan.clock.advance(10_000);
    lan.lan.sent.length = 0;
    const fetcher = await lan.node();
    fetcher.discovery.seek({ kind: 'infoHash', infoHash: hash(1) });
    await lan.clock.advance(200);
    expect(answersIn(responses(lan), 'PTR').map(({ name }) => name)).toEqual([`_${hash(1)}._sub.${SERVICE}`]);
    expect(fetcher.table.holdersOf(hash(1)).map(({ peerId }) => peerId)).toEqual([holder.peerId]);
  });

  it('names a node even where its TXT record has no room for what it holds', async () => {
    const lan = newLan();
    const other = await lan.node();
    const sharer = await lan.node();
    sharer.hold({ name: 'n'.repeat(250) });
    await lan.clock.advance(30);
    expect(other.table.contents()).toEqual([]);
    expect(other.nodesHeard).toContainEqual({ host: '10.77.0.2', port: 47_470 });
  });

  it('asks for the SRV and TXT records that an answer left out', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(5_000);
    const [instance = ''] = answersIn(responses(lan), 'SRV').map(({ name }) => name);
    const fetcher = await lan.node();
    const stranger = await lan.stranger();
    stranger.send({
      kind: 'response',
      answers: [{ name: SERVICE, type: 'PTR', data: instance, ttl: 100, flush: false }],
    });
    await lan.clock.advance(5);
    expect(fetcher.table.holdersOf(hash(1))).toHaveLength(1);
  });
});

describe(`an instance name with dots (seed ${seed})`, () => {
  const dotted = 'My Mr. Share';
  const inLabels = Buffer.concat([Buffer.from([dotted.length]), Buffer.from(dotted)]);

  it('is asked for by its own label, and known by it', async () => {
    const lan = newLan();
    const node = await lan.node();
    const stranger = await lan.stranger();
    stranger.sendBytes(pointerTo(dotted));
    await lan.clock.advance(10);
    const asked = sentBy(lan, '10.77.0.1');
    expect(asked.map(decode).flatMap(({ questions }) => questions.map(({ type }) => type))).toEqual([
      'SRV',
      'TXT',
    ]);
    expect(Buffer.from(asked[0]?.bytes ?? []).includes(inLabels)).toBe(true);

    lan.lan.sent.length = 0;
    node.discovery.seek(EVERYTHING);
    const [query] = sentBy(lan, '10.77.0.1');
    expect(Buffer.from(query?.bytes ?? []).includes(inLabels)).toBe(true);
    expect(answersIn(sentBy(lan, '10.77.0.1').map(decode), 'PTR')).toHaveLength(1);
  });

  it('is not asked for where it cannot be one', async () => {
    const lan = newLan();
    await lan.node();
    const stranger = await lan.stranger();
    stranger.send({
      kind: 'response',
      answers: [
        {
          name: SERVICE,
          type: 'PTR',
          data: `${'x'.repeat(40)}.${'y'.repeat(40)}.${SERVICE}`,
          ttl: 120,
          flush: false,
        },
      ],
    });
    await lan.clock.advance(10);
    expect(sentBy(lan, '10.77.0.1')).toEqual([]);
  });
});

describe(`answering by mDNS (seed ${seed})`, () => {
  async function sharerAndStranger(port: 5353 | 0 = 5353): Promise<[Lan, Node, Stranger]> {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(60_000);
    const stranger = await lan.stranger(port);
    lan.lan.sent.length = 0;
    return [lan, sharer, stranger];
  }

  it('announces twice, a second apart, and never again by itself', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const stranger = await lan.stranger();
    sharer.hold({});
    await lan.clock.advance(600_000);
    const times = stranger.received.map(({ at }) => Math.round(at));
    expect(times).toEqual([20, 1_020]);
    const [first] = stranger.received.map(({ message }) => message);
    expect(first?.answers.map(({ type, flush }) => `${type} ${flush ? 'flush' : 'shared'}`)).toEqual([
      'PTR shared',
      'PTR shared',
      'SRV flush',
      'TXT flush',
      'A flush',
      'PTR shared',
    ]);
  });

  it('gives with a pointer what it points to', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    stranger.send({ kind: 'query', questions: [PTR] });
    await lan.clock.advance(130);
    const [answer] = stranger.received.map(({ message }) => message);
    expect(answer?.answers.map(({ type }) => type)).toEqual(['PTR']);
    expect(answer?.additionals.map(({ type }) => type)).toEqual(['SRV', 'TXT', 'A']);
    expect(answer).toMatchObject({ id: 0, questions: [] });
  });

  it('lists its service type among all types', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    stranger.send({
      kind: 'query',
      questions: [{ name: '_services._dns-sd._udp.local', type: 'PTR', unicast: false }],
    });
    await lan.clock.advance(130);
    expect(stranger.received[0]?.message.answers).toMatchObject([{ type: 'PTR', data: SERVICE }]);
  });

  it('answers for its own names at once, whatever their case, and says which records there are not', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    stranger.send({ kind: 'query', questions: [PTR] });
    await lan.clock.advance(2_000);
    const srv = stranger.received.flatMap(({ message }) => inAll(message)).find(({ type }) => type === 'SRV');
    if (srv?.type !== 'SRV') throw new Error('no SRV record');
    const { target } = srv.data;
    stranger.received.length = 0;
    stranger.send({ kind: 'query', questions: [{ name: target.toUpperCase(), type: 'A', unicast: false }] });
    await lan.clock.advance(1);
    expect(stranger.received[0]?.message.answers).toMatchObject([
      { type: 'A', data: '10.77.0.1', flush: true },
    ]);

    lan.lan.sent.length = 0;
    stranger.send({ kind: 'query', questions: [{ name: target, type: 'AAAA', unicast: false }] });
    await lan.clock.advance(1);
    const nsec = lan.lan.sent.filter(({ from }) => from.host === '10.77.0.1');
    expect(Buffer.from(nsec[0]?.bytes ?? []).includes(Buffer.from([0, NSEC]))).toBe(true);
  });

  it('stays silent where the asker knows the answer, and not where he hardly knows it any more', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    stranger.send({ kind: 'query', questions: [PTR] });
    await lan.clock.advance(2_000);
    const known = stranger.received[0]?.message.answers ?? [];
    for (const [ttl, answered] of [
      [120, 0],
      [60, 0],
      [59, 1],
    ] as const) {
      stranger.received.length = 0;
      stranger.send({
        kind: 'query',
        questions: [PTR],
        answers: known.map((record) => ({ ...record, ttl })),
      });
      await lan.clock.advance(2_000);
      expect(stranger.received, `known for ${ttl} s`).toHaveLength(answered);
    }
  });

  it('waits for further known answers where the query says that there are more', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    stranger.send({ kind: 'query', questions: [PTR] });
    await lan.clock.advance(2_000);
    const known = stranger.received[0]?.message.answers ?? [];
    stranger.received.length = 0;
    stranger.sendBytes(truncatedQuestion());
    await lan.clock.advance(300);
    stranger.send({ kind: 'query', questions: [], answers: known });
    await lan.clock.advance(1_000);
    expect(stranger.received).toEqual([]);
    stranger.sendBytes(truncatedQuestion());
    await lan.clock.advance(399);
    expect(stranger.received).toEqual([]);
    await lan.clock.advance(102);
    expect(stranger.received).toHaveLength(1);
  });

  it('multicasts a record at most once a second', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    for (let query = 0; query < 40; query++) {
      stranger.send({ kind: 'query', questions: [PTR] });
      await lan.clock.advance(100);
    }
    const times = stranger.received.map(({ at }) => at);
    expect(times.length).toBeGreaterThanOrEqual(3);
    for (const [index, at] of times.slice(1).entries())
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('answers a simple resolver by unicast: same id and question, short lifetimes, no cache-flush', async () => {
    const [lan, , resolver] = await sharerAndStranger(0);
    resolver.send({ kind: 'query', id: 4_711, questions: [PTR] });
    await lan.clock.advance(1);
    const [answer, ...more] = resolver.received.map(({ message }) => message);
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ id: 4_711, questions: [PTR] });
    for (const { ttl, flush } of answer === undefined ? [] : inAll(answer))
      expect({ ttl, flush }).toEqual({ ttl: 10, flush: false });
    expect(
      lan.lan.sent.filter(({ from, to }) => from.host === '10.77.0.1' && to.host === GROUP.host),
    ).toEqual([]);
  });

  it('answers by unicast where that is welcome and the link has heard the record lately', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    const unicasts = (): Sent[] => lan.lan.sent.filter(({ to }) => to.host === '10.77.0.2');
    stranger.sendBytes(questionForUnicast());
    await lan.clock.advance(2_000);
    expect(unicasts()).toEqual([]);
    expect(stranger.received).toHaveLength(1);
    stranger.sendBytes(questionForUnicast());
    await lan.clock.advance(1);
    expect(unicasts()).toHaveLength(1);
    expect(stranger.received).toHaveLength(2);
  });

  it('leaves the list of service types to those who stay', async () => {
    const lan = newLan();
    const nodes = [await lan.node(), await lan.node()];
    for (const node of nodes) node.hold({});
    await lan.clock.advance(60_000);
    const stranger = await lan.stranger();
    await lan.closed(...nodes.slice(0, 1).map(({ discovery }) => discovery));
    const goodbyes = answersIn(
      stranger.received.map(({ message }) => message),
      'PTR',
    ).filter(({ ttl }) => ttl === 0);
    expect(new Set(goodbyes.map(({ name }) => name))).toEqual(
      new Set([SERVICE, `_${hash(1)}._sub.${SERVICE}`]),
    );
  });

  it('corrects within a second who lets its records end', async () => {
    const [lan, , stranger] = await sharerAndStranger();
    stranger.send({ kind: 'query', questions: [PTR] });
    await lan.clock.advance(60_000);
    const own = stranger.received.flatMap(({ message }) => inAll(message));
    for (const ttl of [0, 59, 60]) {
      stranger.received.length = 0;
      for (let time = 0; time < 10; time++)
        stranger.send({ kind: 'response', answers: own.map((record) => ({ ...record, ttl })) });
      await lan.clock.advance(1_000);
      const corrected = stranger.received.flatMap(({ message }) => message.answers);
      expect(new Set(corrected.map(recordKey)), `with ${ttl} s left`).toEqual(
        new Set(ttl === 60 ? [] : own.map(recordKey)),
      );
      expect(stranger.received.length).toBeLessThanOrEqual(1);
    }
  });

  it('says nothing anew on a link because another one has appeared', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    const stranger = await lan.stranger();
    sharer.hold({});
    await lan.clock.advance(10_000);
    stranger.received.length = 0;
    const other = await lan.stranger(5353, lan.lan.host({ wlan0: ['10.78.0.2/24'] }));
    sharer.host.setAddresses({ eth0: ['10.77.0.1/24'], wlan0: ['10.78.0.1/24'] });
    await lan.clock.advance(10_000);
    expect(stranger.received).toEqual([]);
    expect(other.received).toHaveLength(2);
  });

  it('answers simple resolvers a few times a second, and none that ask for a lot', async () => {
    const [lan, , resolver] = await sharerAndStranger(0);
    for (let query = 0; query < 100; query++) resolver.send({ kind: 'query', questions: [PTR] });
    await lan.clock.advance(10);
    expect(resolver.received).toHaveLength(MDNS_UNICAST_ANSWERS_PER_SOURCE_PER_SECOND);
    await lan.clock.advance(1_000);
    resolver.received.length = 0;
    resolver.send({ kind: 'query', questions: [PTR, PTR, PTR] });
    await lan.clock.advance(10);
    expect(resolver.received).toEqual([]);
  });

  it('says nothing as long as it holds nothing', async () => {
    const lan = newLan();
    await lan.node();
    const stranger = await lan.stranger();
    stranger.send({ kind: 'query', questions: [PTR] });
    await lan.clock.advance(5_000);
    expect(stranger.received).toEqual([]);
  });

  it('does not answer itself, and is not answered again by whom it knows', async () => {
    const lan = newLan();
    const nodes = [await lan.node(), await lan.node(), await lan.node()];
    for (const node of nodes) node.hold({});
    await lan.clock.advance(60_000);
    lan.lan.sent.length = 0;
    nodes[0]?.discovery.seek(EVERYTHING);
    await lan.clock.advance(9_000);
    const answered = answersIn(responses(lan), 'PTR').map(({ data }) => data);
    expect(answered).toHaveLength(2);
    expect(new Set(answered).size).toBe(2);
  });

  it('fits many contents into datagrams of moderate size', async () => {
    const lan = newLan();
    const other = await lan.node();
    const sharer = await lan.node();
    sharer.hold(...Array.from({ length: 200 }, (_, at) => ({ infoHash: hash(at), name: `file ${at}.txt` })));
    await lan.clock.advance(2_000);
    other.discovery.seek({ kind: 'infoHash', infoHash: hash(199) });
    await lan.clock.advance(200);
    for (const { bytes } of lan.lan.sent) expect(bytes.length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
    const names = answersIn(responses(lan), 'PTR').map(({ name }) => name);
    expect(names).toContain(`_${hash(199)}._sub.${SERVICE}`);
    expect(other.table.contents().length).toBeGreaterThan(5);
  });

  it('announces new pieces seldom, a whole content soon', async () => {
    const lan = newLan();
    const fetcher = await lan.node();
    const some = (count: number): Partial<Holding> => ({
      pieces: { kind: 'some', count, ranges: [], more: true },
    });
    fetcher.hold(some(1));
    await lan.clock.advance(20_000);
    lan.lan.sent.length = 0;
    for (let count = 2; count < 102; count++) {
      fetcher.hold(some(count));
      await lan.clock.advance(100);
    }
    expect(answersIn(responses(lan), 'TXT').length).toBeLessThanOrEqual(4);
    const other = await lan.node();
    fetcher.hold({ pieces: { kind: 'all' } });
    await lan.clock.advance(1_050);
    other.discovery.seek(EVERYTHING);
    await lan.clock.advance(1_200);
    expect(other.table.holdersOf(hash(1))[0]?.holding.pieces).toEqual({ kind: 'all' });
  });

  it('announces new pieces the more seldom the more others there are', async () => {
    const lan = newLan();
    const fetchers = await Promise.all(Array.from({ length: 40 }, () => lan.node()));
    const winFor = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        const pieces = { kind: 'some', count: second + 1, ranges: [], more: true } as const;
        for (const fetcher of fetchers) fetcher.hold({ pieces });
        await lan.clock.advance(1_000);
      }
    };
    await winFor(60);
    lan.lan.sent.length = 0;
    await winFor(40);
    // Each about once in these forty seconds, said twice; without the others it would be four times.
    expect(answersIn(responses(lan), 'TXT').length).toBeLessThanOrEqual(2 * 2 * fetchers.length);
  });
});

describe(`hostile mDNS datagrams (seed ${seed})`, () => {
  const claim: OutgoingMessage = {
    kind: 'response',
    answers: [
      { name: SERVICE, type: 'PTR', data: `evil.${SERVICE}`, ttl: 120, flush: false },
      {
        name: `evil.${SERVICE}`,
        type: 'SRV',
        data: { port: 666, target: 'evil.local' },
        ttl: 120,
        flush: true,
      },
      {
        name: `evil.${SERVICE}`,
        type: 'TXT',
        data: ['v=1', `id=${peer(666)}`, 'n=1', `c0=${hash(1)}:10:1:*:1:movie.txt`].map((line) =>
          Buffer.from(line),
        ),
        ttl: 120,
        flush: true,
      },
    ],
  };

  it('are not believed from another port than 5353, nor from another network', async () => {
    const lan = newLan();
    const node = await lan.node();
    (await lan.stranger(0)).send(claim);
    (await lan.stranger(5353, lan.lan.host({ eth0: ['192.0.2.7/24'] }))).send(claim);
    await lan.clock.advance(10);
    expect(node.table.peerCount).toBe(0);
    (await lan.stranger()).send(claim);
    await lan.clock.advance(10);
    expect(node.table.peerCount).toBe(1);
  });

  it('are dropped where they are garbage, cut, or lie about their counts', async () => {
    const lan = newLan();
    const node = await lan.node();
    const stranger = await lan.stranger();
    stranger.send(claim);
    await lan.clock.advance(1);
    const [{ bytes } = { bytes: new Uint8Array() }] = lan.lan.sent;
    const other = await lan.stranger();
    const huge = Buffer.from(bytes);
    huge.writeUInt16BE(0xffff, 6);
    for (const hostile of [huge, Buffer.alloc(9_500), compressionLoop(), new Uint8Array()])
      other.sendBytes(hostile);
    for (let length = 0; length < bytes.length; length += 5) {
      other.sendBytes(bytes.slice(0, length));
      other.sendBytes(lan.random.bytes(length));
      await lan.clock.advance(20);
    }
    expect(node.table.addressesOf(peer(666)).map(({ endpoint }) => endpoint.host)).toEqual(['10.77.0.2']);
  });

  it('fill no memory with names that point to a service', () => {
    const browser = new Browser({
      clock: new VirtualClock(),
      ownPeerId: peer(1),
      heard: () => {},
      nodeHeard: () => {},
    });
    const name = (number: number): string => `_${hash(number)}._sub.${SERVICE}`;
    const answers = Array.from({ length: 10_000 }, (_, number) => {
      return { name: name(number), type: 'PTR', data: `evil.${SERVICE}`, ttl: 120, flush: false } as const;
    });
    browser.hearResponse({ ...NO_MESSAGE, kind: 'response', answers }, GROUP);
    const known = answers.filter(({ name }) => browser.knownAnswers({ ...PTR, name }).length > 0);
    expect(known).toHaveLength(MAX_MDNS_POINTERS_PER_SERVICE);
  });

  it('are looked into only so far', async () => {
    const lan = newLan();
    const sharer = await lan.node();
    sharer.hold({});
    await lan.clock.advance(60_000);
    const stranger = await lan.stranger();
    const other = { name: 'other.local', type: 'PTR', unicast: false };
    for (const [others, answers] of [
      [MAX_MDNS_QUESTIONS, 0],
      [MAX_MDNS_QUESTIONS - 1, 1],
    ] as const) {
      stranger.send({ kind: 'query', questions: [...new Array<typeof other>(others).fill(other), PTR] });
      await lan.clock.advance(1_000);
      expect(stranger.received, `behind ${others} other questions`).toHaveLength(answers);
    }
  });

  it('do not make a node ask back without end', async () => {
    const lan = newLan();
    await lan.node();
    const stranger = await lan.stranger();
    for (let number = 0; number < 200; number++)
      stranger.send({
        kind: 'response',
        answers: [{ name: SERVICE, type: 'PTR', data: `x${number}.${SERVICE}`, ttl: 120, flush: false }],
      });
    await lan.clock.advance(900);
    const queries = stranger.received.filter(({ message }) => message.kind === 'query');
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.length).toBeLessThanOrEqual(40);
  });
});

/** One question for the service type; the header's flags and the question's class as given. */
function question(flags: number, questionClass: number): Uint8Array {
  const name = SERVICE.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const header = [0, 0, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, 0];
  return Uint8Array.from([...header, ...name, 0, 0, 12, questionClass >> 8, questionClass & 0xff]);
}

function truncatedQuestion(): Uint8Array {
  return question(0x0200, 1);
}

function questionForUnicast(): Uint8Array {
  return question(0, 0x8001);
}

/** A response that names an instance, and nothing else of it. */
function pointerTo(label: string): Uint8Array {
  const type = SERVICE.split('.').flatMap((part) => [part.length, ...Buffer.from(part)]);
  const data = [label.length, ...Buffer.from(label), 0xc0, 12];
  const header = [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0];
  return Uint8Array.from([...header, ...type, 0, 0, 12, 0, 1, 0, 0, 0, 120, 0, data.length, ...data]);
}

/** A question whose name points to itself. */
function compressionLoop(): Uint8Array {
  return Uint8Array.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 12, 0, 1]);
}
