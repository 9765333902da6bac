import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBencode } from '../../src/metainfo/bencode.ts';
import {
  buildInfo,
  buildTorrent,
  choosePieceLength,
  type InfoDescription,
  inContentOrder,
} from '../../src/metainfo/create-torrent.ts';
import { parseInfo, parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { HYBRID_TORRENT } from './libtorrent-samples.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

function file(path: readonly string[], length: number, executable = false) {
  return { path, length, executable };
}

function description(changes: Partial<InfoDescription> = {}): InfoDescription {
  return {
    name: 'movie.txt',
    kind: 'file',
    files: [file([], 100)],
    pieceLength: 16 * KiB,
    pieceHashes: new Uint8Array(20).fill(9),
    ...changes,
  };
}

describe('an info dictionary', () => {
  it('says what it was made from', () => {
    const files = [file(['a'], 10_000, true), file(['b', 'c'], 10_000), file(['b', 'd'], 0)];
    const pieceHashes = new Uint8Array(40).fill(1);
    const made = description({ kind: 'folder', name: 'ä', files, pieceHashes });
    expect(parseInfo(buildInfo(made))).toMatchObject({
      name: 'ä',
      kind: 'folder',
      pieceLength: 16 * KiB,
      pieceCount: 2,
      pieceHashes,
      files,
    });
  });

  it('of a single executable file keeps that it is one', () => {
    const info = parseInfo(buildInfo(description({ files: [file([], 100, true)] })));
    expect(info.files[0]?.executable).toBe(true);
  });

  it('has the same bytes for the same description, with keys in order', () => {
    const info = buildInfo(description());
    expect(buildInfo(description())).toEqual(info);
    const keys = [...decodeBencode(info).entries()].map(([key]) => Buffer.from(key).toString());
    expect(keys).toEqual(['length', 'name', 'piece length', 'pieces']);
  });

  it('has another info-hash where name, piece length or content differ', () => {
    const hash = (changes: Partial<InfoDescription>) => parseInfo(buildInfo(description(changes))).infoHash;
    const hashes = [
      hash({}),
      hash({ name: 'other.txt' }),
      hash({ pieceLength: 32 * KiB }),
      hash({ pieceHashes: new Uint8Array(20) }),
      hash({ files: [file([], 99)] }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('describes a folder in the same order whatever order its files were found in', () => {
    const names = ['b', 'a', 'a-', 'Z', '\u{1f600}', '\uffee', 'é'];
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (shuffled) => {
        const ordered = inContentOrder(shuffled.map((name) => file([name], 1)));
        expect(ordered.map(({ path }) => path[0])).toEqual(['Z', 'a', 'a-', 'b', 'é', '\uffee', '\u{1f600}']);
      }),
    );
  });

  it('of one file cannot be made of two', () => {
    expect(() => buildInfo(description({ files: [file([], 1), file([], 1)] }))).toThrow(RangeError);
  });
});

describe('a .torrent that is made', () => {
  const metainfo = parseInfo(buildInfo(description()));

  it('reads back with all that stands beside the info dictionary', () => {
    const trackers = [['http://a/', 'udp://b:1'], ['http://c/']];
    const webSeeds = ['http://d/'];
    const details = {
      createdBy: 'lanshare',
      comment: 'hello',
      creationDate: 1_700_000_000,
      trackers,
      webSeeds,
    };
    expect(parseTorrent(buildTorrent(metainfo, details))).toEqual({ metainfo, ...details });
  });

  it('has its keys sorted, so that other programs accept it', () => {
    const bytes = buildTorrent(metainfo, {
      createdBy: 'x',
      comment: 'y',
      creationDate: 1,
      trackers: [['z']],
      webSeeds: ['http://z/'],
    });
    const keys = [...decodeBencode(bytes).entries()].map(([key]) => Buffer.from(key).toString());
    expect(keys).toEqual(keys.toSorted());
    expect(keys).toContain('url-list');
  });

  it('keeps foreign info bytes as they are, keys of v2 and all', () => {
    const original = parseTorrent(HYBRID_TORRENT).metainfo;
    expect(parseTorrent(buildTorrent(original)).metainfo).toEqual(original);
  });
});

describe('the piece length that is chosen', () => {
  it.each([
    [0, 256 * KiB],
    [1, 256 * KiB],
    [256 * MiB, 256 * KiB],
    [256 * MiB + 1, 512 * KiB],
    [1024 * MiB, MiB],
    [16 * 1024 * MiB, 16 * MiB],
    [2 ** 53 - 1, 16 * MiB],
  ])('for %d bytes is %d', (length, pieceLength) => {
    expect(choosePieceLength(length)).toBe(pieceLength);
  });
});
