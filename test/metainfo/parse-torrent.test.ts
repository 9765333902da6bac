import { describe, expect, it } from 'vitest';
import { parseInfo, parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { HYBRID_TORRENT, VERSION_2_TORRENT } from './libtorrent-samples.ts';
import { entry, fileTorrent, folderTorrent, sha1Hex } from './sample-torrent.ts';

describe('a .torrent', () => {
  it('of a single file gives its name, size, pieces and info-hash', () => {
    const { metainfo } = parseTorrent(fileTorrent());
    expect(metainfo).toMatchObject({
      name: 'sample',
      kind: 'file',
      length: 40_000,
      pieceLength: 16_384,
      pieceCount: 3,
      private: false,
    });
    expect(metainfo.files).toEqual([
      { path: [], length: 40_000, offset: 0, executable: false, padding: false },
    ]);
    expect(metainfo.infoHash).toBe(sha1Hex(metainfo.infoBytes));
  });

  it('of a folder gives its files at their offsets', () => {
    const { metainfo } = parseTorrent(
      folderTorrent([
        entry(['b'], 30_000, { attr: 'x' }),
        entry(['a', 'empty'], 0),
        entry(['.pad', '5'], 5, { attr: 'p' }),
        entry(['a', 'ä'], 9_995),
      ]),
    );
    expect(metainfo.kind).toBe('folder');
    expect(metainfo.length).toBe(40_000);
    expect(metainfo.files).toEqual([
      { path: ['b'], length: 30_000, offset: 0, executable: true, padding: false },
      { path: ['a', 'empty'], length: 0, offset: 30_000, executable: false, padding: false },
      { path: ['.pad', '5'], length: 5, offset: 30_000, executable: false, padding: true },
      { path: ['a', 'ä'], length: 9_995, offset: 30_005, executable: false, padding: false },
    ]);
  });

  it('has the info-hash of the bytes as they are, even where another program would write them otherwise', () => {
    const info = `d6:pieces0:12:piece lengthi16384e6:lengthi0e4:name1:n3:new${'d1:bi1e1:ai2ee'}e`;
    const { metainfo } = parseTorrent(Buffer.from(`d4:info${info}e`));
    expect(metainfo.infoHash).toBe(sha1Hex(Buffer.from(info)));
    expect(Buffer.from(metainfo.infoBytes).toString()).toBe(info);
    expect(parseInfo(Buffer.from(info))).toEqual(metainfo);
  });

  it('is not tied to the memory it was read from', () => {
    const bytes = Buffer.from(fileTorrent());
    const { metainfo } = parseTorrent(bytes);
    bytes.fill(0);
    expect(sha1Hex(metainfo.infoBytes)).toBe(metainfo.infoHash);
    expect(metainfo.pieceHashes).toEqual(new Uint8Array(60).fill(7));
  });

  it('may describe content without a byte', () => {
    const none = { pieces: '' };
    expect(parseTorrent(fileTorrent({ length: 0, ...none })).metainfo.pieceCount).toBe(0);
    expect(parseTorrent(folderTorrent([entry(['a'], 0), entry(['b'], 0)], none)).metainfo.length).toBe(0);
  });

  it('may have a piece length that is no power of two, and files beyond 2^32 bytes', () => {
    const length = 5 * 2 ** 32 + 1;
    const pieceLength = 60_000_000;
    const pieceCount = Math.ceil(length / pieceLength);
    const bytes = fileTorrent({ length, 'piece length': pieceLength, pieces: Buffer.alloc(pieceCount * 20) });
    expect(parseTorrent(bytes).metainfo).toMatchObject({ length, pieceLength, pieceCount });
  });

  it('is read by its v1 part where it is a hybrid: info-hash, files and padding as libtorrent sees them', () => {
    const { metainfo, createdBy } = parseTorrent(HYBRID_TORRENT);
    expect(metainfo.infoHash).toBe('0b263d801f78dc12cc2c27a9ae4e451f0a2a57d4');
    expect(metainfo.files.map(({ path, length, padding }) => [path.join('/'), length, padding])).toEqual([
      ['a.txt', 20_000, false],
      ['.pad/12768', 12_768, true],
      ['b.txt', 10, false],
      ['.pad/16374', 16_374, true],
    ]);
    expect(createdBy).toBe('libtorrent');
  });

  it('of v2 alone is refused in words that say so', () => {
    expect(() => parseTorrent(VERSION_2_TORRENT)).toThrow(/BitTorrent v2 only/);
  });

  it('leaves symbolic links out and does not count them', () => {
    const link = { path: ['link'], attr: 'l', 'symlink path': ['..', '..', 'etc', 'passwd'] };
    const { metainfo } = parseTorrent(folderTorrent([link, entry(['a'])]));
    expect(metainfo.files.map(({ path }) => path)).toEqual([['a']]);
  });

  it('gives the same padding path many times without a conflict', () => {
    const pad = entry(['.pad', '10'], 10, { attr: 'p' });
    const { metainfo } = parseTorrent(folderTorrent([entry(['a'], 39_970), pad, pad, pad]));
    expect(metainfo.files).toHaveLength(4);
  });

  it('names files in UTF-8, by the utf-8 keys where there are some, and by single bytes where it is neither', () => {
    const old = Buffer.from('caf\xe9', 'latin1');
    const named = folderTorrent([entry([old], 20_000, { 'path.utf-8': ['café'] }), entry([old], 20_000)], {
      name: 'x',
      'name.utf-8': 'ñ',
    });
    expect(() => parseTorrent(named)).toThrow(/"café" twice/);
    expect(parseTorrent(fileTorrent({ name: old })).metainfo.name).toBe('café');
    expect(parseTorrent(fileTorrent({ 'name.utf-8': 'ñ' })).metainfo.name).toBe('ñ');
  });

  it('allows names that differ in case only', () => {
    const { metainfo } = parseTorrent(folderTorrent([entry(['Readme'], 20_000), entry(['README'], 20_000)]));
    expect(metainfo.files).toHaveLength(2);
  });

  it('is private where it says so (BEP 27)', () => {
    expect(parseTorrent(fileTorrent({ private: 1 })).metainfo.private).toBe(true);
    expect(parseTorrent(fileTorrent({ private: 0 })).metainfo.private).toBe(false);
  });

  it('tells what stands beside the info dictionary', () => {
    const torrent = parseTorrent(
      fileTorrent(
        {},
        { announce: 'http://t/', comment: 'hi', 'created by': 'me', 'creation date': 1_700_000_000 },
      ),
    );
    expect(torrent).toMatchObject({
      trackers: [['http://t/']],
      comment: 'hi',
      createdBy: 'me',
      creationDate: 1_700_000_000,
    });
    expect(parseTorrent(fileTorrent())).toMatchObject({
      trackers: [],
      comment: undefined,
      createdBy: undefined,
      creationDate: undefined,
    });
  });

  it('prefers tracker tiers (BEP 12) and leaves out what is no text', () => {
    const announceList = [['http://a/', 'http://b/'], [], 'http://no-tier/', [7, 'udp://c:1'], 5];
    const torrent = parseTorrent(fileTorrent({}, { announce: 'http://t/', 'announce-list': announceList }));
    expect(torrent.trackers).toEqual([['http://a/', 'http://b/'], ['udp://c:1']]);
    expect(parseTorrent(fileTorrent({}, { announce: 5, comment: 5 })).trackers).toEqual([]);
  });
});
