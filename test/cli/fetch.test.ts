import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveTarget } from '../../src/cli/commands/fetch-target.ts';
import { run } from '../../src/cli/run.ts';
import { type ErrorCode, LanshareError } from '../../src/errors.ts';
import { DIAGNOSE_AFTER_MS } from '../../src/limits.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { FetchOptions, FetchTarget } from '../../src/node/api.ts';
import { fileTorrent } from '../metainfo/sample-torrent.ts';
import { canBeDenied, withoutPrivileges } from '../support/privileges.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { fakeHost, jsonLines, lanshare, temporaryDirectory } from './fake-host.ts';
import { metainfoOf, PEER_ID, type Script, scripted, wholeFetch } from './fake-node.ts';

const movie = metainfoOf('movie.txt');

/** A fetch that ends well at once. */
const whole: Script = {
  fetch: async (_what, { out = '' }, tell) => wholeFetch(movie, join(out, 'movie.txt'), tell),
};

function failing(code: ErrorCode, message = 'a sentence'): Script {
  return {
    async fetch() {
      throw new LanshareError(code, message, 'a hint');
    },
  };
}

describe('what fetch is asked for', () => {
  it('40 hexadecimal digits are an info-hash, in either case', async () => {
    const hash = movie.infoHash;
    expect(await resolveTarget(hash, '/')).toEqual({ kind: 'infoHash', infoHash: hash });
    expect(await resolveTarget(hash.toUpperCase(), '/')).toEqual({ kind: 'infoHash', infoHash: hash });
  });

  it('64 are one of v2, which is known by the first half', async () => {
    const infoHashV2 = movie.infoHash.slice(0, 32).repeat(2);
    expect(await resolveTarget(infoHashV2.toUpperCase(), '/')).toMatchObject({
      kind: 'magnet',
      magnet: { infoHash: infoHashV2.slice(0, 40), infoHashV2 },
    });
  });

  it('a magnet link is read; one that is none is refused', async () => {
    const magnet = `magnet:?xt=urn:btih:${movie.infoHash}&x.pe=10.0.0.5:6881`;
    expect(await resolveTarget(magnet, '/')).toMatchObject({
      kind: 'magnet',
      magnet: { infoHash: movie.infoHash, peers: [{ host: '10.0.0.5', port: 6881 }] },
    });
    await expect(resolveTarget('magnet:?dn=x', '/')).rejects.toMatchObject({ exitCode: 8 });
  });

  it('a .torrent that exists is read', async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, 'sub'));
    await writeFile(join(cwd, 'sub', 'm.torrent'), buildTorrent(movie));
    for (const what of ['sub/m.torrent', join(cwd, 'sub', 'm.torrent')]) {
      expect(await resolveTarget(what, cwd)).toMatchObject({
        kind: 'torrent',
        torrent: { metainfo: { infoHash: movie.infoHash } },
      });
    }
  });

  it('a .torrent with names that would lead elsewhere is taken, and warned of', async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, 'unsafe.torrent'), fileTorrent({ name: '../movie.txt' }));
    const warnings: string[] = [];
    const target = await resolveTarget('unsafe.torrent', cwd, (message) => warnings.push(message));
    expect(target).toMatchObject({ torrent: { metainfo: { name: expect.not.stringContaining('/') } } });
    expect(warnings).toEqual(['unsafe.torrent: one name in it was made safe']);
  });

  it('a .torrent that does not exist, a folder, and any other file are names', async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, 'folder.torrent'));
    await writeFile(join(cwd, 'movie.txt'), '');
    for (const name of [
      'movie.torrent',
      'folder.torrent',
      'movie.txt',
      'with blank',
      '-dash',
      movie.infoHash.slice(1),
    ]) {
      expect(await resolveTarget(name, cwd)).toEqual({ kind: 'name', name });
    }
  });

  it('a .torrent that is none is told as such, with its path', async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, 'bad.torrent'), 'garbage');
    await expect(resolveTarget('bad.torrent', cwd)).rejects.toMatchObject({
      exitCode: 8,
      message: expect.stringMatching(/^bad\.torrent: this is not a valid torrent/),
    });
  });

  it('a .torrent that is too large is refused before it is in memory', async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, 'large.torrent'), Buffer.alloc(10 * 1024 * 1024 + 1));
    await expect(resolveTarget('large.torrent', cwd)).rejects.toMatchObject({
      exitCode: 8,
      message: 'large.torrent is not a torrent: it is larger than 10 MiB',
    });
  });

  it.skipIf(!canBeDenied)('a .torrent that cannot be read is a matter of the disk', async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, 'secret.torrent'), '');
    await chmod(join(cwd, 'secret.torrent'), 0);
    await withoutPrivileges(cwd, async () => {
      await expect(resolveTarget('secret.torrent', cwd)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    });
  });

  it('a path to a .torrent that is not there is a missing file', async () => {
    await expect(resolveTarget('gone/m.torrent', '/')).rejects.toMatchObject({ exitCode: 6 });
  });

  it('any other path cannot be a name, and the hint has the name', async () => {
    await expect(resolveTarget("dir/it's", '/')).rejects.toMatchObject({
      exitCode: 2,
      hint: "try: lanshare fetch 'it'\\''s'",
    });
    await expect(resolveTarget('x'.repeat(256), '/')).rejects.toMatchObject({ exitCode: 2 });
    await expect(resolveTarget('', '/')).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('a fetch that hears nobody', () => {
  /** A fetch that is under way until `finish`. */
  function searching(nodesHeard: number, ...words: readonly string[]) {
    const clock = new VirtualClock();
    let finish = (): void => {};
    const { createNode, nodes } = scripted({
      nodesHeard,
      async fetch(_what, { out = '' }, tell) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return wholeFetch(movie, join(out, 'movie.txt'), tell);
      },
    });
    const host = fakeHost({ createNode, clock });
    const exitCode = run(['fetch', 'movie.txt', ...words], host);
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await clock.advance(0);
    };
    const fetching = until(() => nodes[0]?.calls.includes('fetch name') === true);
    return { clock, host, exitCode, until, fetching, finish: () => finish() };
  }

  it('says why once after three seconds', async () => {
    const { clock, host, exitCode, until, fetching, finish } = searching(0);
    await fetching;
    await clock.advance(DIAGNOSE_AFTER_MS);
    await until(() => host.stderr.text !== '');
    await clock.advance(DIAGNOSE_AFTER_MS);
    finish();
    expect(await exitCode).toBe(0);
    expect(host.stderr.text.match(/no other lanshare is heard on eth0/g)).toHaveLength(1);
  });

  it('says it as an event with --json', async () => {
    const { clock, host, exitCode, until, fetching, finish } = searching(0, '--json');
    await fetching;
    await clock.advance(DIAGNOSE_AFTER_MS);
    await until(() => host.stdout.text.includes('diagnosis'));
    finish();
    await exitCode;
    expect(jsonLines(host.stdout.text)[1]).toMatchObject({
      event: 'diagnosis',
      cause: 'alone',
      healthy: false,
    });
  });

  it('says nothing where it is done before, or hears somebody', async () => {
    const early = searching(0);
    await early.fetching;
    await early.clock.advance(DIAGNOSE_AFTER_MS - 1);
    early.finish();
    await early.exitCode;
    expect(early.clock.pending).toBe(0);
    const accompanied = searching(1);
    await accompanied.fetching;
    await accompanied.clock.advance(2 * DIAGNOSE_AFTER_MS);
    accompanied.finish();
    await accompanied.exitCode;
    for (const { host } of [early, accompanied]) expect(host.stderr.text).not.toContain('no other lanshare');
  });
});

describe('fetch', () => {
  it('hands the target and its options to the node', async () => {
    const asked: { what?: FetchTarget; options?: FetchOptions } = {};
    const { nodes, createNode } = scripted({
      async fetch(what, options, tell) {
        Object.assign(asked, { what, options });
        return wholeFetch(movie, '/x/movie.txt', tell);
      },
    });
    const flags = [
      '--out',
      'd',
      '--timeout',
      '2',
      '--limit-down',
      '1M',
      '--limit-up',
      '2M',
      '--seed',
      'none',
    ];
    const { exitCode } = await lanshare(['fetch', 'movie.txt', ...flags], { cwd: '/home/me', createNode });
    expect(exitCode).toBe(0);
    expect(asked.what).toEqual({ kind: 'name', name: 'movie.txt' });
    expect(asked.options).toMatchObject({
      out: '/home/me/d',
      timeoutMs: 2000,
      seed: { kind: 'none' },
    });
    expect(nodes[0]?.options).toMatchObject({ limitDown: 1_048_576, limitUp: 2_097_152 });
    expect(asked.options).not.toHaveProperty('sink');
    expect(nodes[0]?.options).not.toHaveProperty('preferDefaultPort');
    expect(nodes[0]?.calls).toEqual(['fetch name', 'close']);
  });

  it('leaves the defaults to the node', async () => {
    let options: FetchOptions = {};
    const { nodes, createNode } = scripted({
      async fetch(_what, given, tell) {
        options = given;
        return wholeFetch(movie, '/x/movie.txt', tell);
      },
    });
    await lanshare(['fetch', 'movie.txt'], { cwd: '/home/me', createNode });
    expect(Object.keys(options).sort()).toEqual(['out', 'signal']);
    expect(nodes[0]?.options).not.toHaveProperty('port');
  });

  it('tells on stderr what came, and keeps stdout clean', async () => {
    const { createNode } = scripted(whole);
    const { stdout, stderr } = await lanshare(['fetch', 'movie.txt'], { cwd: '/home/me', createNode });
    expect(stdout).toBe('');
    expect(stderr).toBe(
      `fetched movie.txt: 20 B in 2.5s (8 B/s) from 3 peers, info-hash ${movie.infoHash}\n`,
    );
  });

  it('with --json writes the events of the contract', async () => {
    const { createNode } = scripted({
      async fetch(_what, _options, tell) {
        const { infoHash, name } = movie;
        tell({
          event: 'searching',
          target: name,
          discovery: [
            { path: 'mdns', interfaces: ['eth0'], problems: [] },
            { path: 'beacon', interfaces: ['eth0'], problems: ['no IPv6'] },
          ],
        });
        tell({ event: 'resolved', infoHash, name, metainfo: undefined });
        tell({ event: 'resolved', infoHash, name, metainfo: movie });
        tell({ event: 'resuming', infoHash, bytesDone: 1, bytesTotal: 20 });
        const endpoint = { host: 'fe80::1%eth0', port: 5 };
        tell({ event: 'peer', infoHash, peerId: PEER_ID, endpoint, state: 'connected', reason: undefined });
        tell({
          event: 'progress',
          infoHash,
          name,
          bytesDone: 1,
          bytesTotal: 20,
          downBytesPerSecond: 2,
          upBytesPerSecond: 0,
          uploadedBytes: 0,
          peers: 1,
          etaSeconds: undefined,
        });
        const result = wholeFetch(movie, '/x/movie.txt', tell);
        tell({ event: 'seeding', infoHash, name });
        return result;
      },
    });
    const { stdout, stderr } = await lanshare(['fetch', 'movie.txt', '--json'], { createNode });
    const { infoHash, name } = movie;
    expect(jsonLines(stdout)).toEqual([
      { event: 'listening', port: 47_470, interfaces: ['eth0 (10.77.0.2)'], urls: [] },
      { event: 'searching', target: name, interfaces: ['eth0'], problems: ['no IPv6'] },
      { event: 'resolved', infoHash, name, size: null, pieces: null, pieceLength: null },
      { event: 'resolved', infoHash, name, size: 20, pieces: 1, pieceLength: 262_144 },
      { event: 'resuming', infoHash, bytesDone: 1, bytesTotal: 20 },
      {
        event: 'peer',
        infoHash,
        peerId: PEER_ID,
        address: '[fe80::1%eth0]:5',
        state: 'connected',
        reason: null,
      },
      {
        event: 'progress',
        infoHash,
        name,
        bytesDone: 1,
        bytesTotal: 20,
        downBytesPerSecond: 2,
        upBytesPerSecond: 0,
        uploadedBytes: 0,
        peers: 1,
        etaSeconds: null,
      },
      {
        event: 'done',
        infoHash,
        name,
        path: '/x/movie.txt',
        bytes: 20,
        downloadedBytes: 20,
        seconds: 2.5,
        peers: 3,
        alreadyThere: false,
        remains: null,
      },
      { event: 'seeding', infoHash, name },
    ]);
    expect(stderr).toBe('');
  });

  it('waits for the seeding to end before it closes the node', async () => {
    const order: string[] = [];
    const { nodes, createNode } = scripted({
      async fetch(_what, _options, tell) {
        const result = wholeFetch(movie, '/x', tell);
        return { ...result, seeded: Promise.resolve().then(() => void order.push('seeded')) };
      },
    });
    await lanshare(['fetch', 'movie.txt', '--seed', '1h'], { createNode });
    expect(order).toEqual(['seeded']);
    expect(nodes[0]?.calls.at(-1)).toBe('close');
  });
});

describe('a fetch that fails', () => {
  const codes: [ErrorCode, number][] = [
    ['INTERNAL', 1],
    ['NOBODY_HAS_IT', 3],
    ['AMBIGUOUS_NAME', 4],
    ['PORT_IN_USE', 5],
    ['NO_USABLE_INTERFACE', 5],
    ['NETWORK', 5],
    ['NO_SUCH_PATH', 6],
    ['NOT_PERMITTED', 6],
    ['DISK_FULL', 6],
    ['DISK', 6],
    ['EXISTS_DIFFERENT', 6],
    ['IN_USE', 6],
    ['CONTENT_MISMATCH', 7],
    ['SHARE_CHANGED', 7],
    ['NOT_A_TORRENT', 8],
    ['UNSAFE_NAME', 8],
  ];

  it.each(codes)('%s: one sentence, a hint, exit code %i', async (code, exitCode) => {
    const { nodes, createNode } = scripted(failing(code));
    const result = await lanshare(['fetch', 'x'], { createNode });
    expect(result).toMatchObject({ exitCode, stdout: '', stderr: 'lanshare: a sentence\n  a hint\n' });
    expect(nodes[0]?.calls).toEqual(['fetch name', 'close']);
    const asJson = await lanshare(['fetch', 'x', '--json'], { createNode });
    expect(jsonLines(asJson.stdout).at(-1)).toEqual({
      event: 'error',
      code,
      exitCode,
      message: 'a sentence',
      hint: 'a hint',
    });
  });

  it('a fault of ours is a sentence too, with its stack only in the log', async () => {
    const broken: Script = {
      async fetch() {
        throw new TypeError('x is not a function');
      },
    };
    const { createNode } = scripted(broken);
    const quiet = await lanshare(['fetch', 'x'], { createNode });
    expect(quiet.exitCode).toBe(1);
    expect(quiet.host.stderr.lines[0]).toBe(
      'lanshare: something inside lanshare failed: x is not a function',
    );
    expect(quiet.stderr).not.toMatch(/^\s+at /m);
    const verbose = await lanshare(['fetch', 'x', '-v'], { createNode });
    expect(verbose.stderr).toMatch(/TypeError: x is not a function\n\s+at .*fetch\.test/);
  });

  it('a port in use ends it before anything is asked', async () => {
    const createNode = () =>
      Promise.reject(new LanshareError('PORT_IN_USE', 'port 80 is in use', 'take another'));
    const { exitCode, stderr } = await lanshare(['fetch', 'x', '--port', '80'], { createNode });
    expect(exitCode).toBe(5);
    expect(stderr).toBe('lanshare: port 80 is in use\n  take another\n');
  });

  it('several contents under one name are listed, even with --quiet', async () => {
    const { createNode } = scripted({
      async fetch(_what, _options, tell) {
        const holders = [{ peerId: PEER_ID, endpoints: [], paths: [], piecesHeld: 1 }];
        const { infoHash, name } = movie;
        const contents = [
          { name, infoHash, length: 20, pieceCount: 1, holders },
          { name, infoHash: metainfoOf(name, 'b').infoHash, length: 30, pieceCount: 1, holders },
        ];
        tell({ event: 'ambiguous', name, contents });
        throw new LanshareError('AMBIGUOUS_NAME', 'two', 'by hash');
      },
    });
    const { exitCode, stderr } = await lanshare(['fetch', 'movie.txt', '-q'], { createNode });
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`  movie.txt  20 B  1 holder  lanshare fetch ${movie.infoHash}\n`);
  });
});

describe('fetch --stdout', () => {
  const content = Buffer.from([0, 10, 13, 255, 128, 7]);
  const streaming: Script = {
    async fetch(_what, { sink }, tell) {
      for (const byte of content) await sink?.(Buffer.from([byte]));
      return wholeFetch(movie, '', tell);
    },
  };

  it('writes the bytes in order and nothing else', async () => {
    const { createNode } = scripted(streaming);
    const { exitCode, host, stderr } = await lanshare(['fetch', 'movie.txt', '--stdout'], { createNode });
    expect(exitCode).toBe(0);
    expect(host.stdout.bytes).toEqual(content);
    expect(stderr).toContain('fetched movie.txt: 20 B');
  });

  it.each([
    ['EPIPE', 'OUTPUT_CLOSED', 'the reader of standard output went away'],
    ['ENOSPC', 'DISK_FULL', 'cannot write standard output: the disk is full'],
  ])('%s on stdout ends it with exit code 6', async (systemCode, _code, sentence) => {
    const { nodes, createNode } = scripted(streaming);
    const { exitCode, stderr } = await lanshare(['fetch', 'movie.txt', '--stdout'], {
      createNode,
      stdoutError: Object.assign(new Error(systemCode), { code: systemCode }),
    });
    expect(exitCode).toBe(6);
    expect(stderr).toContain(`lanshare: ${sentence}`);
    expect(nodes[0]?.calls.at(-1)).toBe('close');
  });
});

describe('a reader of stdout that goes away', () => {
  it('does not disturb a fetch that needs no stdout', async () => {
    const { createNode } = scripted(whole);
    const { exitCode } = await lanshare(['fetch', 'movie.txt', '--json'], {
      createNode,
      stdoutError: Object.assign(new Error('EPIPE'), { code: 'EPIPE' }),
    });
    expect(exitCode).toBe(0);
  });
});
