import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { systemInterfaces } from '../../../src/platform/interfaces.ts';
import { Matchmaker } from '../../../src/tracker-server/registry/matchmaker.ts';
import { Registry } from '../../../src/tracker-server/registry/registry.ts';
import { ConnectionIds } from '../../../src/tracker-server/udp/connection-ids.ts';
import { UdpAnswers } from '../../../src/tracker-server/udp/udp-answers.ts';
import {
  type OtherDatagrams,
  openUdpTracker,
  type UdpTracker,
  type UdpTrackerOptions,
} from '../../../src/tracker-server/udp/udp-tracker.ts';
import { decodeUdpTrackerResponse } from '../../../src/wire/tracker/decode-udp-tracker.ts';
import { encodeUdpTrackerRequest } from '../../../src/wire/tracker/encode-udp-tracker.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { infoHashOfContent, peerIdOf } from '../announcing.ts';

const NOW = 600_000;
const hasIpv6 = systemInterfaces().some(({ addresses }) =>
  addresses.some(({ address }) => address === '::1'),
);

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()));
});

async function open(options: Partial<UdpTrackerOptions> = {}): Promise<UdpTracker> {
  const random = seededRandom(1);
  const matchmaker = new Matchmaker({
    registry: new Registry({ random, intervalSeconds: 1_800 }),
    ownAddress: () => undefined,
    allowPublic: false,
  });
  const connectionIds = new ConnectionIds(random, NOW);
  const answers = new UdpAnswers({ matchmaker, connectionIds, intervalSeconds: 1_800 });
  const tracker = await openUdpTracker({ port: 0, answers, nowSeconds: () => NOW, ...options });
  opened.push(() => tracker.close());
  return tracker;
}

/** Connects and announces from one socket; gives the peers. */
async function announce(tracker: UdpTracker, host: string, id: string) {
  const family = host.includes(':') ? 'IPv6' : 'IPv4';
  const socket = createSocket(family === 'IPv6' ? 'udp6' : 'udp4');
  opened.push(() => new Promise((resolve) => socket.close(() => resolve())));
  const ask = async (bytes: Uint8Array) => {
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    socket.send(bytes, tracker.port, host);
    return decodeUdpTrackerResponse(await answer, family);
  };
  const connected = await ask(encodeUdpTrackerRequest({ type: 'connect', transactionId: 1 }));
  if (connected.type !== 'connected') throw new Error(connected.type);
  const request = {
    infoHash: infoHashOfContent(1),
    peerId: peerIdOf(id),
    port: 7_000 + id.length,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: 'started',
    peersWanted: undefined,
    key: 0,
  } as const;
  const { connectionId } = connected;
  const answer = await ask(
    encodeUdpTrackerRequest({
      type: 'announce',
      connectionId,
      transactionId: 2,
      request,
      urlData: '/announce',
    }),
  );
  if (answer.type !== 'announced') throw new Error(answer.type);
  return answer;
}

describe('a UDP tracker on this machine', () => {
  it('leaves to another protocol the datagrams that begin as its own, and answers what it does not take', async () => {
    const taken: [string, number][] = [];
    const others: OtherDatagrams = {
      magic: 0x4f544852,
      receive(bytes, from) {
        taken.push([Buffer.from(bytes).toString(), from.port]);
        tracker.send(Buffer.from('heard'), from);
        return true;
      },
    };
    const tracker = await open({ host: '127.0.0.1', others });
    const socket = createSocket('udp4');
    opened.push(() => new Promise((resolve) => socket.close(() => resolve())));
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    socket.send(Buffer.from('OTHR and more'), tracker.port, '127.0.0.1');
    expect((await answer).toString()).toBe('heard');
    expect(taken).toEqual([['OTHR and more', socket.address().port]]);
    expect(await announce(tracker, '127.0.0.1', 'a')).toBeDefined();
    expect(taken).toHaveLength(1);
  });

  it('matches who announces', async () => {
    const tracker = await open();
    expect(await announce(tracker, '127.0.0.1', 'a')).toMatchObject({ leechers: 1, peers: [] });
    expect(await announce(tracker, '127.0.0.1', 'ab')).toMatchObject({
      leechers: 2,
      peers: [{ host: '127.0.0.1', port: 7_001 }],
    });
  });

  it.skipIf(!hasIpv6)('serves both families on one port, each with peers of its own', async () => {
    const tracker = await open();
    await announce(tracker, '127.0.0.1', 'a');
    await announce(tracker, '::1', 'ab');
    expect(await announce(tracker, '::1', 'abc')).toMatchObject({
      leechers: 3,
      peers: [{ host: '::1', port: 7_002 }],
    });
  });

  it('listens where it is told to, and nowhere else', async () => {
    const tracker = await open({ host: '127.0.0.1' });
    expect(tracker.sockets.map(({ local }) => local.host)).toEqual(['127.0.0.1']);
    expect(await announce(tracker, '127.0.0.1', 'a')).toMatchObject({ leechers: 1 });
  });

  it('says that its port is in use', async () => {
    const { port } = await open();
    await expect(open({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await expect(open({ port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  it('gives its port back when it is closed', async () => {
    const first = await open();
    await first.close();
    expect((await open({ port: first.port })).port).toBe(first.port);
  });
});
