import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileChoice, parseFileChoice } from '../../src/metainfo/choose-files.ts';
import type { TorrentVersion } from '../../src/metainfo/metainfo.ts';
import type { FetchOptions, NodeEvent } from '../../src/node/api.ts';
import { byHash, byTorrent, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';

const nodes = new LoopbackNodes();

beforeEach(() => nodes.begin());

afterEach(async () => {
  expect(await nodes.end()).toEqual([]);
});

/** Of v1 with pieces of 256 KiB, so that the small files share pieces with their neighbours. */
const album = {
  'cover.jpg': someBytes(10_000, 1),
  'disc1/one.flac': someBytes(700_000, 2),
  'disc1/two.flac': someBytes(300_000, 3),
  'disc2/empty': Buffer.alloc(0),
  'disc2/three.flac': someBytes(900_000, 4),
} as const;
type Song = keyof typeof album;

async function shared(version: TorrentVersion = 'v1', pieceLength = 256 * 1024) {
  const folder = path.join(await nodes.folder(), 'album');
  for (const [name, bytes] of Object.entries(album)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
  const sharer = await nodes.node();
  return { sharer, share: await sharer.share(folder, { version, pieceLength }) };
}

function select(text: string): FileChoice {
  return parseFileChoice(text) ?? [];
}

function chosen(text: string, out: string, options: FetchOptions = {}): FetchOptions {
  return { out, select: select(text), seed: { kind: 'none' }, ...options };
}

/** These lie there, byte for byte, and nothing else does. */
async function expectAlbum(out: string, names: readonly Song[]): Promise<void> {
  const entries = await readdir(path.join(out, 'album'), { recursive: true, withFileTypes: true });
  const there = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(path.join(out, 'album'), path.join(entry.parentPath, entry.name)));
  expect(there.sort()).toEqual([...names].sort());
  for (const name of names)
    expect((await readFile(path.join(out, 'album', name))).equals(album[name])).toBe(true);
}

function of<Kind extends NodeEvent['event']>(events: readonly NodeEvent[], kind: Kind) {
  return events.filter((event): event is Extract<NodeEvent, { event: Kind }> => event.event === kind);
}

function size(...names: readonly Song[]): number {
  return names.reduce((sum, name) => sum + album[name].length, 0);
}

describe('a fetch of chosen files', () => {
  it.each([
    ['v1', '1,5', ['cover.jpg', 'disc2/three.flac']],
    ['v1', 'disc1/**', ['disc1/one.flac', 'disc1/two.flac']],
    ['hybrid', 'disc2/', ['disc2/empty', 'disc2/three.flac']],
    ['v2', 'two.flac,empty', ['disc1/two.flac', 'disc2/empty']],
  ] as const)('of %s brings %s alone, and counts no other bytes', async (version, choice, names) => {
    const { sharer, share } = await shared(version);
    const fetcher = await nodes.nodeBeside([sharer]);
    const out = await nodes.folder();
    const result = await fetcher.fetch(byTorrent(share), chosen(choice, out));
    await result.seeded;
    await expectAlbum(out, names);
    expect([result.path, result.bytes]).toEqual([path.join(out, 'album'), size(...names)]);
    const progress = of(fetcher.events, 'progress');
    expect(progress.at(-1)?.bytesDone).toBe(size(...names));
    expect(new Set(progress.map(({ bytesTotal }) => bytesTotal))).toEqual(new Set([size(...names)]));
    expect(of(fetcher.events, 'done')[0]?.bytes).toBe(size(...names));
    expect(of(fetcher.events, 'warning')).toEqual([]);
  });

  it('by info-hash chooses when the description has come', async () => {
    const { sharer, share } = await shared();
    const fetcher = await nodes.nodeBeside([sharer]);
    const out = await nodes.folder();
    await (await fetcher.fetch(byHash(share), chosen('3', out))).seeded;
    await expectAlbum(out, ['disc1/two.flac']);
  });

  it.each([
    ['v1', true],
    ['hybrid', false],
    ['v2', false],
  ] as const)('of %s says what it keeps for a later one, if anything', async (version, keeps) => {
    const { sharer, share } = await shared(version);
    const fetcher = await nodes.nodeBeside([sharer]);
    const out = await nodes.folder();
    const result = await fetcher.fetch(byHash(share), chosen('*.jpg', out));
    await result.seeded;
    const kept = ['album.lanshare-part', 'album.lanshare-resume'];
    expect((await readdir(out)).sort()).toEqual(keeps ? ['album', ...kept] : ['album']);
    expect(result.remains).toBe(keeps ? path.join(out, 'album.lanshare-part') : undefined);
  });

  it('of none says which choice it was, and leaves nothing', async () => {
    const { sharer, share } = await shared();
    const fetcher = await nodes.nodeBeside([sharer]);
    const out = await nodes.folder();
    for (const target of [byTorrent(share), byHash(share)])
      await expect(fetcher.fetch(target, chosen('1,*.mp3', out))).rejects.toMatchObject({
        code: 'USAGE',
        message: '"*.mp3" matches no file of album',
        hint: expect.stringContaining('--list-files'),
      });
    expect(await readdir(out)).toEqual([]);
  });

  it('of a single file is the file', async () => {
    const file = path.join(await nodes.folder(), 'movie.txt');
    await writeFile(file, album['cover.jpg']);
    const sharer = await nodes.node();
    const share = await sharer.share(file);
    const fetcher = await nodes.nodeBeside([sharer]);
    const out = await nodes.folder();
    await (await fetcher.fetch(byHash(share), chosen('1', out))).seeded;
    expect(await readdir(out)).toEqual(['movie.txt']);
  });

  it('again asks nobody: they are here already', async () => {
    const { sharer, share } = await shared();
    const out = await nodes.folder();
    const first = await nodes.nodeBeside([sharer]);
    await (await first.fetch(byTorrent(share), chosen('2,4', out))).seeded;
    await sharer.close();
    const alone = await nodes.node();
    const again = await alone.fetch(byTorrent(share), chosen('2,4', out));
    expect(again).toMatchObject({ alreadyThere: true, bytes: size('disc1/one.flac'), downloadedBytes: 0 });
    await expectAlbum(out, ['disc1/one.flac', 'disc2/empty']);
  });

  it('goes on with others, then with all, from what is there', async () => {
    const { sharer, share } = await shared();
    const out = await nodes.folder();
    const fetcher = await nodes.nodeBeside([sharer]);
    await (await fetcher.fetch(byHash(share), chosen('2', out))).seeded;
    await (await fetcher.fetch(byHash(share), chosen('2,3', out))).seeded;
    await expectAlbum(out, ['disc1/one.flac', 'disc1/two.flac']);
    const whole = await fetcher.fetch(byHash(share), { out, seed: { kind: 'none' } });
    await whole.seeded;
    await expectAlbum(out, Object.keys(album) as Song[]);
    expect(await readdir(out)).toEqual(['album']);
    const { resuming, pieceLength } = {
      resuming: of(fetcher.events, 'resuming').at(-1),
      pieceLength: share.metainfo.pieceLength,
    };
    // The first piece of it came with the cover's first bytes: the last is only half theirs.
    expect(resuming?.bytesDone).toBe(4 * pieceLength);
    expect(whole.downloadedBytes).toBe(share.metainfo.length - 4 * pieceLength);
  });

  it('that was interrupted goes on', async () => {
    const { sharer, share } = await shared('v1', 64 * 1024);
    const out = await nodes.folder();
    const slow = await nodes.nodeBeside([sharer], { limitDown: 300_000 });
    const stop = new AbortController();
    const fetching = slow.fetch(byHash(share), chosen('5', out, { signal: stop.signal }));
    const done = expect(fetching).rejects.toMatchObject({ code: 'INTERRUPTED' });
    while ((of(slow.events, 'progress').at(-1)?.bytesDone ?? 0) === 0)
      await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await done;
    const again = await nodes.nodeBeside([sharer]);
    const result = await again.fetch(byHash(share), chosen('5', out));
    await result.seeded;
    await expectAlbum(out, ['disc2/three.flac']);
    expect(of(again.events, 'resuming')[0]?.bytesTotal).toBe(size('disc2/three.flac'));
    expect(result.downloadedBytes).toBeLessThan(size('disc2/three.flac'));
  });

  it('does not overwrite a file that differs, and names it', async () => {
    const { sharer, share } = await shared();
    const out = await nodes.folder();
    await mkdir(path.join(out, 'album', 'disc1'), { recursive: true });
    await writeFile(path.join(out, 'album', 'disc1', 'one.flac'), Buffer.alloc(700_000));
    const fetcher = await nodes.nodeBeside([sharer]);
    for (const options of [chosen('2', out), { out }])
      await expect(fetcher.fetch(byTorrent(share), options)).rejects.toMatchObject({
        code: 'EXISTS_DIFFERENT',
        exitCode: 6,
        message: expect.stringContaining('one.flac'),
      });
    expect(await readdir(out)).toEqual(['album']);
  });

  it('serves what it has to others, with and without a choice', async () => {
    const { sharer, share } = await shared();
    const chooser = await nodes.nodeBeside([sharer]);
    const served = await chooser.fetch(
      byHash(share),
      chosen('2', await nodes.folder(), { seed: { kind: 'forever' } }),
    );
    await sharer.close();
    const other = await nodes.nodeBeside([chooser]);
    const out = await nodes.folder();
    await (await other.fetch(byHash(share), chosen('one.flac', out))).seeded;
    await expectAlbum(out, ['disc1/one.flac']);
    await chooser.close();
    await served.seeded;
  });

  it('can be streamed where it is one file', async () => {
    const { sharer, share } = await shared();
    const fetcher = await nodes.nodeBeside([sharer]);
    const parts: Buffer[] = [];
    const sink = async (bytes: Uint8Array): Promise<void> => void parts.push(Buffer.from(bytes));
    const result = await fetcher.fetch(byHash(share), { select: select('two.flac'), sink });
    await result.seeded;
    expect(Buffer.concat(parts).equals(album['disc1/two.flac'])).toBe(true);
    await expect(fetcher.fetch(byHash(share), { select: select('1,2'), sink })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});
