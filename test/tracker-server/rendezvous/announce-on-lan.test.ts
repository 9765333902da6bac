import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/platform/logger.ts';
import { announceOnLan } from '../../../src/tracker-server/rendezvous/announce-on-lan.ts';
import { seededRandom, testSeed } from '../../support/seeded-random.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { VirtualLan } from '../../support/virtual-lan.ts';

const seed = testSeed();

/** A tracker on two networks, which listens on this address. */
async function announced(host: string | undefined) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const lan = new VirtualLan(clock, random);
  const datagrams = lan.host({ eth0: ['10.77.0.1/24', 'fe80::77/64'], eth1: ['10.78.0.1/24'] });
  const { interfaces: interfaceSource } = datagrams;
  const close = await announceOnLan({
    host,
    port: 6969,
    clock,
    random,
    logger: silentLogger,
    datagrams,
    interfaceSource,
  });
  await clock.advance(2_000);
  const from = new Set(lan.sent.map((datagram) => datagram.from.host));
  const closing = close();
  await clock.advance(1_000);
  await closing;
  return { from, left: [clock.pending, datagrams.openSockets] };
}

describe(`a tracker on two networks is announced (seed ${seed})`, () => {
  it.each([
    ['on both', undefined, ['10.77.0.1', '10.78.0.1', 'fe80::77%eth0']],
    ['on both, by IPv4 alone, where it listens on any IPv4 address', '0.0.0.0', ['10.77.0.1', '10.78.0.1']],
    ['only where it listens', '10.78.0.1', ['10.78.0.1']],
    ['on neither where it listens on this machine only', '127.0.0.1', []],
  ])('%s, and leaves nothing open', async (_, host, expected) => {
    const { from, left } = await announced(host);
    expect([...from].sort()).toEqual(expected);
    expect(left).toEqual([0, 0]);
  });

  it('not at all where mDNS cannot be used, and serves all the same', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) };
    const close = await announceOnLan({
      port: 6969,
      clock: new VirtualClock(),
      random: seededRandom(seed),
      logger,
      interfaceSource: () => {
        throw new Error('no interfaces');
      },
    });
    expect(warnings).toEqual(['the tracker is not announced by mDNS']);
    await close();
  });
});
