import { expect, it } from 'vitest';
import {
  type ContractLan,
  type DiscoveryMaker,
  EVERYTHING,
  NAME,
  OPENING_MS,
  SOON_MS,
} from './contract-lan.ts';
import { hash } from './discovery-lan.ts';

/** What is opened is closed, and silent from then on. */
export function closingContract(newLan: () => ContractLan, maker: DiscoveryMaker): void {
  it('says goodbye, and is gone at once and for good', async () => {
    const lan = newLan();
    const { sharer, other } = await lan.pair();
    other.discovery.seek(NAME);
    await lan.clock.advance(SOON_MS);
    const closing = sharer.discovery.close();
    await lan.clock.advance(1);
    expect(other.sightings.at(-1)).toMatchObject({ kind: 'gone', peerId: sharer.peerId });
    expect(other.table.contents()).toEqual([]);
    await lan.clock.advance(60_000);
    await closing;
    expect(other.table.contents()).toEqual([]);
  });

  it.each([
    ['at once', 0],
    ['while an announcement waits', 10],
    ['after a while', 5_000],
  ])('leaves no timer and no socket when it is closed %s', async (_, afterMs) => {
    const lan = newLan();
    const host = lan.host();
    const { peerId, port, ...setting } = lan.setting(host);
    const discovery = await maker.open({ peerId, port, ...setting });
    discovery.announce([lan.holding({ peerId, port })]);
    discovery.seek(EVERYTHING);
    if (afterMs > 0) await lan.clock.advance(afterMs);
    await lan.closed(discovery);
    expect([lan.clock.pending, host.openSockets]).toEqual([0, 0]);
  });

  it('is closed when close resolves, however often it is called', async () => {
    const lan = newLan();
    const { discovery, host } = await lan.node();
    await lan.clock.advance(OPENING_MS);
    expect(host.openSockets).toBeGreaterThan(0);
    const openWhenResolved: number[] = [];
    const close = (): Promise<void> =>
      discovery.close().then(() => void openWhenResolved.push(host.openSockets));
    const closing = Promise.all([close(), close()]);
    await lan.clock.advance(1_000);
    await closing;
    await close();
    expect(openWhenResolved).toEqual([0, 0, 0]);
  });

  it('does nothing more once it is closed', async () => {
    const lan = newLan();
    const { sharer, other } = await lan.pair();
    const stop = sharer.discovery.seek(NAME);
    await lan.closed(sharer.discovery, other.discovery);
    const { pending } = lan.clock;
    sharer.hold({ infoHash: hash(2) });
    const stopLater = sharer.discovery.seek(EVERYTHING);
    expect(lan.clock.pending).toBe(pending);
    expect(await lan.sentWithin(10_000)).toBe(0);
    stop();
    stopLater();
    expect(sharer.discovery.describe().path).toBe(sharer.discovery.path);
  });
}
