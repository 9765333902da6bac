import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { parseInfo, parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { entry, fileTorrent, folderTorrent } from './sample-torrent.ts';

function refusal(bytes: Uint8Array): LanshareError | undefined {
  try {
    parseTorrent(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof LanshareError) return error;
    throw error;
  }
}

describe('a .torrent that is none', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /it is empty$/],
    ['a page of HTML', Buffer.from('<!doctype html><html>'), /not proper bencode/],
    ['a number', Buffer.from('i1e'), /no dictionary/],
    ['a list', Buffer.from('le'), /no dictionary/],
    ['no info', Buffer.from('d7:comment2:hie'), /"info" is missing/],
    ['an info that is text', Buffer.from('d4:info2:hie'), /"info" is no dictionary/],
    ['no name', fileTorrent({ name: undefined }), /"name" is missing/],
    ['a name that is a number', fileTorrent({ name: 5 }), /"name" is missing/],
    ['no piece length', fileTorrent({ 'piece length': undefined }), /"piece length" is missing/],
    ['a piece length of zero', fileTorrent({ 'piece length': 0 }), /piece length is no size/],
    ['a negative piece length', fileTorrent({ 'piece length': -16_384 }), /piece length is no size/],
    ['a piece length that is text', fileTorrent({ 'piece length': '16384' }), /piece length is no size/],
    ['a huge piece length', fileTorrent({ 'piece length': 2 ** 40 }), /larger than 64 MiB/],
    ['no pieces', fileTorrent({ pieces: undefined }), /"pieces" is missing/],
    ['pieces that are a list', fileTorrent({ pieces: [] }), /piece hashes are damaged/],
    ['half a piece hash', fileTorrent({ pieces: Buffer.alloc(50) }), /piece hashes are damaged/],
    ['too few pieces', fileTorrent({ pieces: Buffer.alloc(40) }), /2 piece hashes for 3 pieces/],
    ['too many pieces', fileTorrent({ pieces: Buffer.alloc(80) }), /4 piece hashes for 3 pieces/],
    ['no length and no files', fileTorrent({ length: undefined }), /"length" and "files" are missing/],
    ['a negative length', fileTorrent({ length: -1 }), /length of a file is no size/],
    ['a length that is text', fileTorrent({ length: '40000' }), /length of a file is no size/],
    ['a length of 2^53 - 1', fileTorrent({ length: 2 ** 53 - 1 }), /larger than 16 TiB/],
    ['files that are text', folderTorrent('a'), /"files" is no list/],
    ['no files', folderTorrent([]), /describes no file/],
    [
      'only a symbolic link',
      folderTorrent([{ path: ['a'], attr: 'l', 'symlink path': ['b'] }]),
      /describes no file/,
    ],
    ['a file that is text', folderTorrent(['a']), /no dictionary/],
    ['a file without length', folderTorrent([{ path: ['a'] }]), /length of a file is missing/],
    ['a file of negative length', folderTorrent([entry(['a'], -1)]), /length of a file is no size/],
    ['a file without path', folderTorrent([{ length: 1 }]), /path of a file is missing/],
    ['an empty path', folderTorrent([entry([])]), /path of a file is missing/],
    ['a path that is text', folderTorrent([entry('a')]), /path of a file is missing/],
    ['a path with a number in it', folderTorrent([entry(['a', 5])]), /no list of names/],
    ['only padding', folderTorrent([{ path: ['.pad', '5'], length: 5, attr: 'p' }]), /describes no file/],
    ['padding without a length', folderTorrent([entry(['a']), { attr: 'p' }]), /length of a file is missing/],
    ['a name that is a list', fileTorrent({ name: ['a'] }), /"name" is missing/],
    ['a length that is a list', fileTorrent({ length: [5] }), /length of a file is no size/],
    ['a length of 2^63', Buffer.from('d4:infod6:lengthi9223372036854775808eee'), /"piece length" is missing/],
  ])('is refused for %s', (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error?.code).toBe('NOT_A_TORRENT');
    expect(error?.exitCode).toBe(8);
    expect(error?.message).toMatch(message);
  });

  it('is refused for paths deeper than any of use', () => {
    const deep = (depth: number) => folderTorrent([entry(Array.from({ length: depth }, () => 'a'))]);
    expect(refusal(deep(100))).toBeUndefined();
    expect(refusal(deep(101))?.code).toBe('UNSAFE_NAME');
    expect(refusal(deep(1_000_000))?.code).toBe('UNSAFE_NAME');
  });

  it('is refused beyond 10 MiB without being read', () => {
    const bytes = Buffer.alloc(10 * 1024 * 1024 + 1, 'i');
    expect(refusal(bytes)?.message).toMatch(/larger than 10 MiB/);
  });

  it('is refused wherever it is cut off', () => {
    const bytes = folderTorrent([entry(['a'], 39_000, { attr: 'x' }), entry(['b', 'c'], 1_000)]);
    expect(refusal(bytes)).toBeUndefined();
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length))?.code).toBe('NOT_A_TORRENT');
    }
  });

  it('is read or refused with exit code 8, whatever byte is damaged', () => {
    const bytes = folderTorrent([entry(['a'], 39_000), entry(['b', 'c'], 1_000)]);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = byte;
        expect(refusal(damaged)?.exitCode ?? 8).toBe(8);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is refused the same way when its info dictionary comes from a peer', () => {
    expect(() => parseInfo(Buffer.from('le'))).toThrow(LanshareError);
    expect(() => parseInfo(Buffer.from('d6:lengthi1e'))).toThrow(LanshareError);
    expect(() => parseInfo(fileTorrent())).toThrow(LanshareError);
  });
});
