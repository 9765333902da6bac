import { afterEach, expect, it } from 'vitest';
import { describeOnLan, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, type LanOptions, makeLan } from './lab.mjs';

describeOnLan('a sharer is found without an address', () => {
  let lan: Lan;
  afterEach(() => lan.close());

  async function seats(options: Omit<LanOptions, 'hosts'> = {}): Promise<[Seat, Seat]> {
    lan = makeLan({ hosts: 2, ...options });
    return [await seatAt(lan.host(1)), await seatAt(lan.host(2))];
  }

  async function expectFound(here: Seat, there: Seat, ...options: readonly string[]): Promise<void> {
    const content = await here.put('movie.txt');
    await here.share('movie.txt', ...options);
    expect(await there.fetch('movie.txt', ...options)).toMatchObject({ code: 0, result: { event: 'done' } });
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
  }

  it('with mDNS alone', async () => {
    await expectFound(...(await seats()), '--no-beacon');
  });

  it('with the beacon alone', async () => {
    await expectFound(...(await seats()), '--no-mdns');
  });

  it('with local service discovery alone, by its hash, by who looks already', async () => {
    const [here, there] = await seats();
    await here.put('movie.txt');
    const alone = ['--no-beacon', '--no-mdns'];
    const untold = await here.share('movie.txt', '--no-lsd', ...alone);
    await untold.stop();
    const fetch = there.start(['fetch', '--json', untold.infoHash, ...alone]);
    await fetch.event('searching');
    await here.share('movie.txt', ...alone);
    expect(await fetch.exit()).toMatchObject({ code: 0 });
  });

  it('where there is only IPv6', async () => {
    await expectFound(...(await seats({ families: ['ipv6'] })));
  });

  it('where there is only IPv4', async () => {
    await expectFound(...(await seats({ families: ['ipv4'] })));
  });

  it('between two programs on one host that has nothing but its loopback interface', async () => {
    lan = makeLan({ hosts: 1 });
    lan.host(1).removeEthernet();
    await expectFound(await seatAt(lan.host(1)), await seatAt(lan.host(1)));
  });

  it('when the fetch was there first', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt');
    const fetch = there.start(['fetch', '--json', 'movie.txt']);
    await fetch.event('searching');
    await here.share('movie.txt');
    expect(await fetch.exit()).toMatchObject({ code: 0 });
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
  });

  it('not where multicast and broadcast are blocked; there --peer names one', async () => {
    const [here, there] = await seats();
    here.host.mute();
    there.host.mute();
    const content = await here.put('movie.txt');
    await here.share('movie.txt', '--port', '5001');

    expect(await there.fetch('movie.txt', '--timeout', '1')).toMatchObject({ code: 3 });
    expect(await there.fetch('movie.txt', '--peer', '10.77.0.1:5001')).toMatchObject({ code: 0 });
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
  });
});
