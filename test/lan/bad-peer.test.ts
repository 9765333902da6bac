import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeOnLan, MiB, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

const BAD_PEER = fileURLToPath(new URL('bad-peer.mjs', import.meta.url));
const PORT = 40_000;

describeOnLan('a fetch that meets a bad peer', () => {
  let lan: Lan;
  beforeAll(() => {
    lan = makeLan({ hosts: 3 });
  });
  afterAll(() => lan.close());

  /** A sharer on host 1, a bad peer for the same content on host 2, somebody who wants it on host 3. */
  async function meeting(manner: 'corrupt' | 'stall') {
    const [honest, bad, fetcher] = await Promise.all([1, 2, 3].map((number) => seatAt(lan.host(number))));
    const content = await (honest as Seat).put('movie.bin', randomBytes(4 * MiB));
    // Slow enough that the bad peer is asked, too, before all is there.
    const sharer = await (honest as Seat).share('movie.bin', '--limit-up', '4MB');
    const torrent = (honest as Seat).at('movie.torrent');
    const peer = (bad as Seat).host.start([process.execPath, BAD_PEER, manner, torrent, String(PORT)]);
    onTestFinished(async () => {
      peer.kill('SIGKILL');
      await peer.exit();
    });
    await peer.says(/listening/);
    return { content, sharer, fetcher: fetcher as Seat, badPeer: `10.77.0.2:${PORT}` };
  }

  it('with corrupt data drops it and gets the pieces elsewhere', async () => {
    const { content, fetcher, badPeer } = await meeting('corrupt');
    const { code, events } = await fetcher.fetch('movie.bin', '--peer', badPeer);
    expect(code).toBe(0);
    expect(sha256(await fetcher.read('movie.bin'))).toBe(sha256(content));
    const banned = events.filter(({ event, ...peer }) => event === 'peer' && peer['state'] === 'banned');
    expect(banned.map(({ address }) => address)).toEqual([badPeer]);
  });

  it('with corrupt data and nobody else ends with 3, says why, and keeps no wrong byte', async () => {
    const { sharer, fetcher, badPeer } = await meeting('corrupt');
    await sharer.stop();
    const { code, result } = await fetcher.fetch(sharer.infoHash, '--peer', badPeer, '--timeout', '2');
    expect(code).toBe(3);
    expect(String(result['message'])).toContain('does not match its hash');
    expect(await fetcher.host.run(['ls', '-A'], fetcher.place)).toMatchObject({ stdout: '' });
  });

  it('that stalls gets the pieces elsewhere', async () => {
    const { content, fetcher, badPeer } = await meeting('stall');
    const { code } = await fetcher.fetch('movie.bin', '--peer', badPeer);
    expect(code).toBe(0);
    expect(sha256(await fetcher.read('movie.bin'))).toBe(sha256(content));
  });

  it('that stalls, and nobody else, ends with 3', async () => {
    const { sharer, fetcher, badPeer } = await meeting('stall');
    await sharer.stop();
    const { code } = await fetcher.fetch(sharer.infoHash, '--peer', badPeer, '--timeout', '2');
    expect(code).toBe(3);
  });
});
