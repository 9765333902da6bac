import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { LanshareError } from '../../src/errors.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { sampleContent } from '../support/sample-content.ts';
import { fakeHost, type HostSettings, jsonLines, lanshare } from './fake-host.ts';
import { fakeTrackers } from './fake-tracker.ts';
import { cwd, env, tracking } from './tracking.ts';

describe('what tracker is told', () => {
  it('is passed on', async () => {
    const words = ['--port', '7000', '--host', '10.77.0.1', '--interval', '2m', '--allow-public'];
    const { tracker, interrupt } = await tracking([...words, '--whitelist', 'list', '--no-mdns']);
    await interrupt();
    expect(tracker.options).toMatchObject({
      port: 7000,
      host: '10.77.0.1',
      intervalSeconds: 120,
      allowPublic: true,
      whitelist: join(cwd, 'list'),
      mdns: false,
      contents: [],
    });
  });

  it('is little by default', async () => {
    const { tracker, interrupt } = await tracking();
    await interrupt();
    const { intervalSeconds, mdns, contents } = tracker.options;
    expect({ intervalSeconds, mdns, contents }).toEqual({ intervalSeconds: 1800, mdns: true, contents: [] });
    for (const key of ['port', 'host', 'allowPublic', 'whitelist', 'store'])
      expect(tracker.options).not.toHaveProperty(key);
  });

  it('is read from the environment, too', async () => {
    const { tracker, interrupt } = await tracking([], { env: { ...env, LANSHARE_ALLOW_PUBLIC: '1' } });
    await interrupt();
    expect(tracker.options.allowPublic).toBe(true);
  });

  it('opens a store, whose relative path starts here, and keeps peers for two intervals', async () => {
    const opened: unknown[] = [];
    const openStore: HostSettings['openStore'] = async (url, { keepSeconds }) => {
      opened.push({ url, keepSeconds });
      return undefined;
    };
    const { interrupt } = await tracking(['--store', 'sqlite:t.db', '--interval', '60s'], { openStore });
    await interrupt();
    expect(opened).toEqual([{ url: `sqlite:${join(cwd, 't.db')}`, keepSeconds: 180 }]);
  });

  it('gives up opening a store that keeps it waiting when it is interrupted', async () => {
    let ask: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const openStore: HostSettings['openStore'] = (_, { signal }) => {
      ask?.();
      return new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    const host = fakeHost({ ...fakeTrackers(), cwd, env, openStore });
    const exitCode = run(['tracker', '--store', 'redis://10.0.0.5'], host);
    await asked;
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(130);
  });

  it.each([
    ['--host', 'tracker.lan', 'it is an IP address of this machine'],
    ['--host', 'fe80::1%eth0', 'other than a link-local IPv6 one'],
    ['--interval', '1s', 'it is a time from 30s to 6h'],
    ['--interval', '7h', 'it is a time from 30s to 6h'],
    ['--port', '70000', 'a port is a number'],
    ['--store', 'mongodb://x', 'there is no store'],
  ])('%s %s is refused', async (option, text, why) => {
    const { exitCode, stderr } = await lanshare(['tracker', option, text], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(why);
  });

  it('ends with the exit code of the fault where the tracker does not start', async () => {
    const createTrackerServer: HostSettings['createTrackerServer'] = () =>
      Promise.reject(new LanshareError('PORT_IN_USE', 'port 6969 is in use', 'choose another'));
    const { exitCode, stderr } = await lanshare(['tracker'], { cwd, createTrackerServer });
    expect(exitCode).toBe(5);
    expect(stderr).toBe('lanshare: port 6969 is in use\n  choose another\n');
  });
});

describe('tracker with files', () => {
  it('describes them, writes their .torrent with its URLs, hands it out and serves nothing else', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content of movie.txt');
    const { host, tracker, interrupt } = await tracking(['movie.txt', '--json']);
    await interrupt();
    const bytes = await readFile(join(cwd, 'movie.torrent'));
    const { metainfo, trackers } = parseTorrent(bytes);
    expect(trackers).toEqual([['udp://10.77.0.1:6969/announce', 'http://10.77.0.1:6969/announce']]);
    expect(tracker.options.contents).toEqual([metainfo]);
    expect([...tracker.handedOut.keys()]).toEqual(['movie.torrent']);
    expect(Buffer.from(tracker.handedOut.get('movie.torrent') ?? [])).toEqual(bytes);
    const events = jsonLines(host.stdout.text);
    expect(events.map(({ event }) => event)).toEqual(['hashing', 'created', 'listening', 'tracker-stats']);
    expect(events[1]).toMatchObject({ infoHash: metainfo.infoHash, torrent: join(cwd, 'movie.torrent') });
  });

  it('describes them as share does, so that both mean the same content', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content of movie.txt');
    await lanshare(['create', 'movie.txt', '--out', 'created.torrent'], { cwd, env });
    const { metainfo } = parseTorrent(await readFile(join(cwd, 'created.torrent')));
    const { tracker, interrupt } = await tracking(['movie.txt']);
    await interrupt();
    expect(tracker.options.contents?.[0]?.infoHash).toBe(metainfo.infoHash);
  });

  it('takes .torrent files as they are', async () => {
    const { metainfo } = sampleContent();
    const bytes = buildTorrent(metainfo, { trackers: [['http://elsewhere/announce']] });
    await writeFile(join(cwd, 'given.torrent'), bytes);
    const { tracker, interrupt } = await tracking(['given.torrent']);
    await interrupt();
    expect(tracker.options.contents).toEqual([metainfo]);
    expect(tracker.handedOut).toEqual(new Map([['given.torrent', Buffer.from(bytes)]]));
    expect(await readdir(cwd)).toEqual(['given.torrent']);
  });

  it('hands out each under a name of its own', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'one');
    await writeFile(join(cwd, 'movie.mp4'), 'another');
    const { tracker, interrupt } = await tracking(['movie.txt', 'movie.mp4', 'movie.txt']);
    await interrupt();
    expect([...tracker.handedOut.keys()]).toEqual(['movie.torrent', 'movie.mp4.torrent']);
    expect((await readdir(cwd)).sort()).toEqual([
      'movie.mp4',
      'movie.mp4.torrent',
      'movie.torrent',
      'movie.txt',
    ]);
  });

  it('hands a .torrent out all the same where it cannot be written here', async () => {
    await writeFile(join(cwd, 'movie.txt'), 'content');
    await writeFile(join(cwd, 'movie.torrent'), 'mine');
    await writeFile(join(cwd, 'movie.txt.torrent'), 'mine');
    const { host, tracker, interrupt } = await tracking(['movie.txt']);
    await interrupt();
    expect(host.stderr.text).toContain('warning: movie.torrent is not written: ');
    expect(await readFile(join(cwd, 'movie.torrent'), 'utf8')).toBe('mine');
    expect([...tracker.handedOut.keys()]).toEqual(['movie.torrent']);
  });

  it.each([
    ['missing.txt', 6],
    ['missing.torrent', 6],
    ['bad.torrent', 8],
    ['empty.txt', 2],
    ['', 2],
  ])('starts no tracker for %j', async (file, code) => {
    await writeFile(join(cwd, 'bad.torrent'), 'this is none');
    await writeFile(join(cwd, 'empty.txt'), '');
    expect((await lanshare(['tracker', file], { cwd, env })).exitCode).toBe(code);
  });
});
