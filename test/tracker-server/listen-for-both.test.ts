import { afterEach, describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Network } from '../../src/platform/network.ts';
import { tcpNetwork } from '../../src/platform/tcp-network.ts';
import { HttpAnswers } from '../../src/tracker-server/http/http-answers.ts';
import { listenForBoth, type TrackerPorts } from '../../src/tracker-server/listen-for-both.ts';
import { Matchmaker } from '../../src/tracker-server/registry/matchmaker.ts';
import { Registry } from '../../src/tracker-server/registry/registry.ts';
import { ConnectionIds } from '../../src/tracker-server/udp/connection-ids.ts';
import { UdpAnswers } from '../../src/tracker-server/udp/udp-answers.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { STATS } from './http/some-tracker.ts';

const opened: TrackerPorts[] = [];
afterEach(async () => {
  for (const ports of opened.splice(0)) await ports.close();
});

const HOST = '127.0.0.1';

async function listen(port: number, network: Pick<Network, 'listen'>): Promise<TrackerPorts> {
  const random = seededRandom(1);
  const intervalSeconds = 60;
  const registry = new Registry({ random, intervalSeconds });
  const matchmaker = new Matchmaker({ registry, ownAddress: () => undefined, allowPublic: false });
  const nowSeconds = (): number => 1_000;
  const connectionIds = new ConnectionIds(random, nowSeconds());
  const udp = new UdpAnswers({ matchmaker, connectionIds, intervalSeconds });
  const http = new HttpAnswers({ matchmaker, intervalSeconds, nowSeconds });
  const sources = { stats: () => STATS, contents: () => [], torrents: () => new Map() };
  const ports = await listenForBoth(
    port,
    { host: HOST, answers: udp, nowSeconds },
    { host: HOST, answers: http, sources, network, clock: systemClock },
  );
  opened.push(ports);
  return ports;
}

/** TCP, where the first so many ports are taken by others. */
function crowded(taken: number) {
  const tried: number[] = [];
  const listen: Network['listen'] = (port, ...rest) => {
    tried.push(port);
    if (tried.length > taken) return tcpNetwork.listen(port, ...rest);
    return Promise.reject(new LanshareError('PORT_IN_USE', `port ${port} is in use`));
  };
  return { tried, listen };
}

describe('listening by UDP and TCP', () => {
  it('is on one port', async () => {
    const { port, udp, http } = await listen(0, tcpNetwork);
    expect(port).toBeGreaterThan(0);
    expect([udp.port, http.port]).toEqual([port, port]);
  });

  it('takes another free port where TCP has that of UDP no more', async () => {
    const network = crowded(2);
    const { port } = await listen(0, network);
    expect(network.tried).toHaveLength(3);
    expect(network.tried.at(-1)).toBe(port);
  });

  it('gives up where every port is taken, and where the one that was asked for is', async () => {
    const network = crowded(Number.POSITIVE_INFINITY);
    await expect(listen(0, network)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const before = network.tried.length;
    const { port } = await listen(0, tcpNetwork);
    await opened.pop()?.close();
    await expect(listen(port, network)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(network.tried).toHaveLength(before + 1);
  });

  it('does not try again after another fault', async () => {
    let times = 0;
    const listens: Network['listen'] = () => {
      times++;
      return Promise.reject(new LanshareError('NETWORK', 'no network'));
    };
    await expect(listen(0, { listen: listens })).rejects.toMatchObject({ code: 'NETWORK' });
    expect(times).toBe(1);
  });
});
