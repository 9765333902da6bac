import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnLan, finished, seatAt } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

describeOnLan('what cannot be done is said in one sentence, with its exit code', () => {
  let lan: Lan;
  beforeAll(() => {
    lan = makeLan({ hosts: 3 });
  });
  afterAll(() => lan.close());

  it('nobody has it: 3, and the message says what was tried and on which interfaces', async () => {
    const seat = await seatAt(lan.host(1));

    const { code, result } = await seat.fetch('unheard-of.txt', '--timeout', '1');

    expect({ code, result }).toMatchObject({
      code: 3,
      result: { event: 'error', code: 'NOBODY_HAS_IT', exitCode: 3 },
    });
    const said = `${result['message']} ${result['hint']}`;
    expect(said).toContain('unheard-of.txt');
    expect(said).toMatch(/eth0/);
    expect(said).toMatch(/mdns/i);
    expect(said).toMatch(/beacon/i);
  });

  it('two contents under one name: 4, both are listed and none is fetched', async () => {
    const [one, two, fetcher] = await Promise.all(lan.hosts.map(seatAt));
    if (one === undefined || two === undefined || fetcher === undefined) throw new Error('too few hosts');
    await one.put('report.txt', 'spring');
    await two.put('report.txt', 'autumn');
    const hashes = [await one.share('report.txt'), await two.share('report.txt')].map(
      ({ infoHash }) => infoHash,
    );

    const { code, events, result } = await fetcher.fetch('report.txt');

    expect({ code, result }).toMatchObject({
      code: 4,
      result: { event: 'error', code: 'AMBIGUOUS_NAME', exitCode: 4 },
    });
    const listed = events.find((event) => event.event === 'ambiguous');
    for (const infoHash of hashes) {
      expect(listed?.['contents']).toContainEqual(
        expect.objectContaining({ name: 'report.txt', infoHash, size: 6 }),
      );
    }
    expect(await readdir(fetcher.folder)).toEqual([]);
    expect(await fetcher.fetch(String(hashes[1]))).toMatchObject({ code: 0 });
    expect(String(await fetcher.read('report.txt'))).toBe('autumn');
  });

  it('a port that is in use, an interface that is not there: 5', async () => {
    const seat = await seatAt(lan.host(1));
    await seat.put('a.txt', 'a');
    await seat.put('b.txt', 'b');
    await seat.share('a.txt', '--port', '5000');

    const samePort = await finished(seat.start(['share', '--json', '--port', '5000', 'b.txt']));
    expect(samePort).toMatchObject({ code: 5, result: { event: 'error', code: 'PORT_IN_USE' } });
    expect(samePort.result['message']).toContain('5000');
    expect(await seat.fetch('a.txt', '--interface', 'eth7')).toMatchObject({
      code: 5,
      result: { event: 'error', code: 'NO_USABLE_INTERFACE' },
    });
  });

  it('two sharers on one host take different ports by themselves', async () => {
    const seat = await seatAt(lan.host(1));
    await seat.put('a.txt', 'a');
    await seat.put('b.txt', 'b');
    const ports = [await seat.share('a.txt'), await seat.share('b.txt')].map(
      ({ sharing }) => sharing['port'],
    );
    expect(new Set(ports).size).toBe(2);
  });

  it('words that mean nothing: 2', async () => {
    const seat = await seatAt(lan.host(1));
    expect(await seat.run(['fetch'])).toMatchObject({ code: 2, stdout: '' });
    expect(await seat.run(['fetch', 'a.txt', '--no-such-option'])).toMatchObject({ code: 2, stdout: '' });
    expect(await seat.run(['fetch', 'a.txt', '--timeout', 'soon'])).toMatchObject({ code: 2, stdout: '' });
    expect(await seat.run(['share', 'a.txt', '--port', '70000'])).toMatchObject({ code: 2, stdout: '' });
    expect(await seat.run(['dance'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('a file that is not a torrent: 8', async () => {
    const seat = await seatAt(lan.host(1));
    await seat.put('garbage.torrent', randomBytes(500));
    await seat.put('bomb.torrent', 'l'.repeat(100_000));
    await seat.put('empty.torrent', '');
    await seat.put('no-info.torrent', 'd8:announce3:urle');
    for (const name of ['garbage.torrent', 'bomb.torrent', 'empty.torrent', 'no-info.torrent']) {
      expect(await seat.fetch(name)).toMatchObject({
        code: 8,
        result: { event: 'error', code: 'NOT_A_TORRENT' },
      });
      expect(await seat.run(['info', name])).toMatchObject({ code: 8 });
    }
  });
});
