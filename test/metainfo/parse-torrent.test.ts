import { describe, expect, it } from 'vitest';
import { type BencodeInput, encodeBencode } from '../../src/metainfo/bencode.ts';
import { encodeDictionary } from '../../src/metainfo/bencode-dictionary.ts';
import { isInfoOf, parseInfo } from '../../src/metainfo/parse-info.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { HYBRID_TORRENT, VERSION_2_TORRENT } from './libtorrent-samples.ts';
import {
  entry,
  fileTorrent,
  folderTorrent,
  type Keys,
  leaf,
  sha1Hex,
  sha256Hex,
  torrentOfV2,
} from './sample-torrent.ts';

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
    const info = `d6:pieces20:${'x'.repeat(20)}12:piece lengthi16384e6:lengthi5e4:name1:n3:new${'d1:bi1e1:ai2ee'}e`;
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

  it('without a byte is refused, as by libtorrent, where lanshare takes such a content from a peer', () => {
    const none = { length: 0, pieces: '' };
    expect(() => parseTorrent(fileTorrent(none))).toThrow(/none of its files has a byte/);
    const info = encodeBencode({ name: 'sample', 'piece length': 16_384, ...none });
    expect(parseInfo(info)).toMatchObject({ pieceCount: 0, length: 0 });
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

  it('that is a hybrid has the trees of v2, too', () => {
    const { metainfo } = parseTorrent(HYBRID_TORRENT);
    expect(metainfo.version).toBe('hybrid');
    expect(metainfo.infoHashV2).toBe(sha256Hex(metainfo.infoBytes));
    const [a, padding, b, tail] = metainfo.v2?.trees ?? [];
    expect(a?.pieceLayer).toHaveLength(2 * 32);
    expect(b?.piecesRoot).toHaveLength(32);
    expect(b?.pieceLayer).toBeUndefined();
    expect([padding, tail]).toEqual([undefined, undefined]);
  });

  it('of v2 alone has the first half of its SHA-256 as info-hash, and padding so that each file starts a piece', () => {
    const { metainfo } = parseTorrent(VERSION_2_TORRENT);
    expect(metainfo.version).toBe('v2');
    expect(metainfo.infoHashV2).toBe(sha256Hex(metainfo.infoBytes));
    expect(metainfo.infoHashV2?.startsWith(metainfo.infoHash)).toBe(true);
    expect(metainfo.files.map(({ path, offset, length }) => [path.join('/'), offset, length])).toEqual([
      ['a.txt', 0, 20_000],
      ['.pad/12768', 20_000, 12_768],
      ['b.txt', 32_768, 10],
    ]);
    expect(metainfo).toMatchObject({ kind: 'folder', pieceCount: 3, length: 32_778 });
    expect(metainfo.pieceHashes).toHaveLength(0);
  });

  it('of v2 alone has the same files where its info dictionary comes from a peer, only without the layers', () => {
    const { metainfo } = parseTorrent(VERSION_2_TORRENT);
    const alone = parseInfo(metainfo.infoBytes);
    expect({ ...alone, v2: undefined }).toEqual({ ...metainfo, v2: undefined });
    expect(alone.v2?.trees.map((tree) => tree?.pieceLayer)).toEqual([undefined, undefined, undefined]);
    expect(isInfoOf(metainfo.infoBytes, metainfo.infoHash)).toBe(true);
    expect(isInfoOf(metainfo.infoBytes.subarray(1), metainfo.infoHash)).toBe(false);
  });

  it('of v2 may have empty files and folders, symbolic links, and several files of the same content', () => {
    const root = Buffer.alloc(32, 1);
    const file = leaf({ length: 5, 'pieces root': root });
    const link = leaf({ attr: 'l', length: 0, 'symlink path': ['..', 'x'] });
    const tree = {
      a: file,
      b: { c: file, d: {} },
      empty: leaf({ length: 0 }),
      link,
      x: leaf({ attr: 'x', length: 0 }),
    };
    const { metainfo } = parseTorrent(torrentOfV2(tree));
    expect(metainfo.files.filter(({ padding }) => !padding).map(({ path }) => path.join('/'))).toEqual([
      'a',
      'b/c',
      'empty',
      'x',
    ]);
    expect(metainfo.files.find(({ path }) => path[0] === 'x')?.executable).toBe(true);
    expect(metainfo.v2?.trees.map((tree) => tree?.piecesRoot.length)).toEqual([
      32,
      undefined,
      32,
      undefined,
      undefined,
    ]);
  });

  it('of v2 is a single file where that has the name of the whole', () => {
    const file = leaf({ length: 5, 'pieces root': Buffer.alloc(32, 1) });
    expect(parseTorrent(torrentOfV2({ sample: file })).metainfo).toMatchObject({
      kind: 'file',
      files: [{ path: [] }],
    });
    expect(parseTorrent(torrentOfV2({ other: file })).metainfo.kind).toBe('folder');
  });

  it('of v2 may have its keys beside the info in any order, and hashes of files that are not there', () => {
    const layers = encodeDictionary([[Buffer.alloc(32, 9), encodeBencode(Buffer.alloc(64))]]);
    const unordered = Buffer.concat([
      Buffer.from('d12:piece layers'),
      layers,
      Buffer.from('4:infod9:file treed6:sampled0:d6:lengthi5e11:pieces root32:'),
      Buffer.alloc(32, 1),
      Buffer.from('eee12:meta versioni2e4:name6:sample12:piece lengthi16384eee'),
    ]);
    expect(parseTorrent(unordered).metainfo).toMatchObject({ version: 'v2', length: 5 });
  });

  it('that calls itself version 1 is one, whatever it has beside it', () => {
    const { metainfo } = parseTorrent(fileTorrent({ 'meta version': 1, 'file tree': 'none' }));
    expect(metainfo).toMatchObject({ version: 'v1', v2: undefined, infoHashV2: undefined });
  });

  it('may have padding without a path, which some programs write', () => {
    const { metainfo } = parseTorrent(folderTorrent([entry(['a'], 39_990), { attr: 'p', length: 10 }]));
    expect(metainfo.files[1]).toMatchObject({ path: ['.pad', '10'], padding: true });
  });

  it('names its web seeds (BEP 19): one or many, each once, and nothing that is no web address', () => {
    const seeds = (urlList: BencodeInput) => parseTorrent(fileTorrent({}, { 'url-list': urlList })).webSeeds;
    expect(seeds('http://a/')).toEqual(['http://a/']);
    expect(seeds(['http://a/', ' https://b/x y ', 'http://a/', '', 'ftp://c/', 'http://', 7])).toEqual([
      'http://a/',
      'https://b/x y',
    ]);
    expect(seeds('')).toEqual([]);
    expect(seeds({ a: 'http://a/' })).toEqual([]);
    expect(parseTorrent(fileTorrent()).webSeeds).toEqual([]);
  });

  it('may have keys that lanshare does not use (`httpseeds`, `nodes`), whatever is in them', () => {
    const beside = {
      httpseeds: ['http://a/'],
      nodes: [['host', 1]],
      'url-list': 5,
      'piece layers': 5,
      x: {},
    };
    expect(parseTorrent(fileTorrent({}, beside)).metainfo.infoHash).toBe(
      parseTorrent(fileTorrent()).metainfo.infoHash,
    );
  });

  it('has its comment in UTF-8, by the utf-8 key, or in single bytes', () => {
    const comment = (beside: Keys) => parseTorrent(fileTorrent({}, beside)).comment;
    const old = Buffer.from('caf\xe9', 'latin1');
    expect(comment({ comment: old })).toBe('café');
    expect(comment({ comment: old, 'comment.utf-8': 'cafè' })).toBe('cafè');
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
    const { files } = parseTorrent(named).metainfo;
    expect(files.map(({ path }) => path)).toEqual([['café'], ['café.1']]);
    expect(parseTorrent(fileTorrent({ name: old })).metainfo.name).toBe('café');
    expect(parseTorrent(fileTorrent({ 'name.utf-8': 'ñ' })).metainfo.name).toBe('ñ');
  });

  it('names files in the encoding that it says it has, where that is known and they are not UTF-8', () => {
    const gbk = Buffer.from([0xd6, 0xd0]);
    const named = (encoding: string) => {
      const info = { name: gbk, files: [entry([gbk], 20_000), entry(['é'], 20_000)], length: undefined };
      const { metainfo } = parseTorrent(fileTorrent(info, { encoding }));
      return [metainfo.name, ...metainfo.files.map(({ path }) => path.join('/'))];
    };
    expect(named('GBK')).toEqual(['中', '中', 'é']);
    expect(named('UTF-8')).toEqual(['ÖÐ', 'ÖÐ', 'é']);
    expect(named('klingon')).toEqual(['ÖÐ', 'ÖÐ', 'é']);
  });

  it('allows names that differ in case only', () => {
    const { metainfo } = parseTorrent(folderTorrent([entry(['Readme'], 20_000), entry(['README'], 20_000)]));
    expect(metainfo.files).toHaveLength(2);
  });

  it('is private where it says so (BEP 27)', () => {
    expect(parseTorrent(fileTorrent({ private: 1 })).metainfo.private).toBe(true);
    expect(parseTorrent(fileTorrent({ private: 0 })).metainfo.private).toBe(false);
    expect(parseTorrent(fileTorrent({ private: '1' })).metainfo.private).toBe(false);
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
