import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import { httpTracker, type SmallTracker, udpTracker } from '../trackers/small-tracker.ts';
import { startPeer } from '../trackers/some-trackers.ts';
import { jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';
import { metainfoOf } from './fake-node.ts';

const movie = metainfoOf('movie.txt');
let http: SmallTracker;
let udp: SmallTracker;
let cwd: string;
beforeEach(async () => {
  [http, udp] = [await httpTracker(), await udpTracker()];
  cwd = await temporaryDirectory();
  const trackers = [[http.url], ['wss://nobody.invalid', http.url]];
  await writeFile(join(cwd, 'movie.torrent'), buildTorrent(movie, { trackers }));
});
afterEach(async () => {
  await Promise.all([http.close(), udp.close()]);
});

describe('info --scrape', () => {
  it('shows what each tracker says, once, and does not take part', async () => {
    const seeder = startPeer(1_001, [[http.url], [udp.url]], { infoHash: movie.infoHash, left: 0 });
    await expect.poll(() => [http.heard.length, udp.heard.length]).toEqual([1, 1]);
    const { exitCode, stdout } = await lanshare(['info', 'movie.torrent', '--scrape', '--tracker', udp.url], {
      cwd,
    });
    expect(exitCode).toBe(0);
    const [, table = ''] = stdout.split('\n\n');
    expect(table.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['TRACKER', 'STATUS', 'SEEDERS', 'LEECHERS', 'COMPLETED'],
      [http.url, 'working', '1', '0', '0'],
      ['wss://nobody.invalid', 'failed', '-', '-', '-', 'lanshare does not speak wss with trackers'],
      [udp.url, 'working', '1', '0', '0'],
      [''],
    ]);
    expect([http.heard.length, udp.heard.length]).toEqual([1, 1]);
    await seeder.trackers.close();
  });

  it('is an event for programs', async () => {
    const { stdout } = await lanshare(['info', 'movie.torrent', '--scrape', '--json'], { cwd });
    const [torrent, trackers] = jsonLines(stdout);
    expect(torrent).toMatchObject({ event: 'torrent' });
    expect(trackers).toMatchObject({
      event: 'trackers',
      infoHash: movie.infoHash,
      trackers: [
        { url: http.url, state: 'working', message: null, seeders: 0, leechers: 0, interval: null },
        { state: 'failed', message: 'lanshare does not speak wss with trackers', seeders: null },
      ],
    });
  });

  it('asks nobody where it is left out', async () => {
    const { stdout } = await lanshare(['info', 'movie.torrent'], { cwd });
    expect(stdout).not.toContain('SEEDERS');
    expect(http.heard).toEqual([]);
  });
});
