import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Status } from '../../src/cli/output/status.ts';
import { run } from '../../src/cli/run.ts';
import { LanshareError } from '../../src/errors.ts';
import { buildInfo, buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { Metainfo } from '../../src/metainfo/metainfo.ts';
import { parseInfo } from '../../src/metainfo/parse-torrent.ts';
import type { FetchOptions, FetchResult } from '../../src/node/api.ts';
import { Deferred } from '../../src/node/scope.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { fakeHost, jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';
import { metainfoOf, type Script, scripted, wholeFetch } from './fake-node.ts';

const album: Metainfo = parseInfo(
  buildInfo({
    name: 'album',
    kind: 'folder',
    files: [
      { path: ['a.txt'], length: 5, executable: false },
      { path: ['b', 'run\u2028.sh'], length: 3_000_000, executable: true },
    ],
    pieceLength: 16 * 1024 * 1024,
    pieceHashes: new Uint8Array(20),
  }),
);

describe('fetch --list-files', () => {
  async function withAlbum(): Promise<string> {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, 'album.torrent'), buildTorrent(album));
    return cwd;
  }

  it('shows number, size and path of each file, and starts no node', async () => {
    const { createNode, nodes } = scripted({});
    const cwd = await withAlbum();
    const { exitCode, stdout } = await lanshare(['fetch', 'album.torrent', '--list-files'], {
      cwd,
      createNode,
    });
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['1', '5 B', 'album/a.txt'],
      ['2', '3 MB', 'album/b/run\\u{2028}.sh *'],
      [''],
    ]);
    expect(nodes).toEqual([]);
  });

  it('with --json is a torrent event', async () => {
    const cwd = await withAlbum();
    const { stdout } = await lanshare(['fetch', 'album.torrent', '--list-files', '--json'], { cwd });
    const [event] = jsonLines(stdout);
    expect(event).toMatchObject({
      event: 'torrent',
      files: [
        { number: 1, path: 'album/a.txt', size: 5 },
        { number: 2, path: 'album/b/run\u2028.sh', size: 3_000_000 },
      ],
    });
  });
});

describe('fetch --sequential', () => {
  it('asks for the pieces in order', async () => {
    let asked: FetchOptions = {};
    const { createNode } = scripted({
      async fetch(_what, options, tell) {
        asked = options;
        return wholeFetch(album, '/x/album', tell);
      },
    });
    await lanshare(['fetch', 'album', '--sequential'], { createNode });
    expect(asked.order).toBe('in order');
  });
});

describe('fetch of several', () => {
  /** Fetches that end when their deferred is settled, by the names they are asked for. */
  function several(...names: readonly string[]) {
    const results = new Map(names.map((name) => [name, new Deferred<FetchResult>()] as const));
    const script: Script = {
      async fetch(what, _options, tell) {
        const name = what.kind === 'name' ? what.name : '';
        const ending = results.get(name);
        if (ending === undefined) throw new Error(`${name} was not expected`);
        await ending.promise;
        return wholeFetch(metainfoOf(name), `/x/${name}`, tell);
      },
    };
    const { createNode, nodes } = scripted(script);
    const end = (name: string, error?: LanshareError): void => {
      const ending = results.get(name);
      if (error === undefined) ending?.resolve(wholeFetch(album, '', () => {}));
      else ending?.reject(error);
    };
    return { createNode, nodes, end };
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  }

  it('runs them at the same time in one node', async () => {
    const { createNode, nodes, end } = several('a', 'b');
    const host = fakeHost({ createNode });
    const exitCode = run(['fetch', 'a', 'b'], host);
    await until(() => nodes[0]?.calls.length === 2);
    end('b');
    await until(() => host.stderr.text.includes('fetched /x/b'));
    end('a');
    expect(await exitCode).toBe(0);
    expect(host.stderr.text).toContain('fetched /x/a');
    expect(nodes.map(({ calls }) => calls)).toEqual([['fetch name', 'fetch name', 'close']]);
  });

  it('goes on with the others where one fails, and exits as the first that failed', async () => {
    const { createNode, nodes, end } = several('a', 'b', 'c');
    const host = fakeHost({ createNode });
    const exitCode = run(['fetch', 'a', 'b', 'c', '--json'], host);
    await until(() => nodes[0]?.calls.length === 3);
    end('b', new LanshareError('NOBODY_HAS_IT', 'nobody has b'));
    await until(() => host.stdout.text.includes('nobody has b'));
    end('a', new LanshareError('DISK_FULL', 'no room for a'));
    await until(() => host.stdout.text.includes('no room for a'));
    end('c');
    expect(await exitCode).toBe(3);
    const told = jsonLines(host.stdout.text).filter(({ event }) => event === 'error' || event === 'done');
    expect(told).toEqual([
      expect.objectContaining({
        event: 'error',
        code: 'NOBODY_HAS_IT',
        exitCode: 3,
        message: 'b: nobody has b',
      }),
      expect.objectContaining({ event: 'error', code: 'DISK_FULL', exitCode: 6 }),
      expect.objectContaining({ event: 'done', name: 'c' }),
    ]);
  });

  it('starts none where one argument makes no sense', async () => {
    const { createNode, nodes } = several('a');
    const { exitCode } = await lanshare(['fetch', 'a', 'magnet:?xt=none'], { createNode });
    expect(exitCode).toBe(8);
    expect(nodes).toEqual([]);
  });

  it('shows them all in one status line, until one of them fails', () => {
    const status = new Status(new VirtualClock(), '/');
    const progress = (name: string) =>
      status.take({
        event: 'progress',
        infoHash: metainfoOf(name).infoHash,
        name,
        bytesDone: 1_000_000,
        bytesTotal: 4_000_000,
        downBytesPerSecond: 500_000,
        upBytesPerSecond: 0,
        uploadedBytes: 0,
        peers: 1,
        etaSeconds: 6,
      });
    progress('a');
    progress('b');
    const shown = () => [status.line?.label, ...(status.line?.details ?? []).map(({ text }) => text)];
    expect(shown()).toEqual([
      '2 contents',
      '25%',
      '2 MB of 8 MB',
      '1 MB/s down',
      '0 B/s up',
      '2 peers',
      'ETA 6s',
    ]);
    status.take({ event: 'searching', target: 'c', interfaces: [], problems: [] });
    expect(shown()[0]).toBe('2 contents');
    status.take({ event: 'error', code: 'DISK_FULL', exitCode: 6, message: 'no room for a', hint: '' });
    progress('b');
    expect(shown().slice(0, 2)).toEqual(['b', '25%']);
  });
});
