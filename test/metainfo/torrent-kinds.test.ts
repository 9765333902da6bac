import { describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { namePartFault } from '../../src/metainfo/safe-name.ts';
import { judgeWithLibtorrent } from './judge-torrents.ts';
import { libtorrentPython } from './libtorrent.ts';
import { BENCODE_KINDS } from './torrent-kinds/bencode-kinds.ts';
import { BESIDE_KINDS } from './torrent-kinds/beside-kinds.ts';
import { INFO_KINDS } from './torrent-kinds/info-kinds.ts';
import type { Kind } from './torrent-kinds/kind.ts';
import { NAME_KINDS } from './torrent-kinds/name-kinds.ts';
import { HYBRID_KINDS, V2_KINDS } from './torrent-kinds/v2-kinds.ts';

const TABLES = {
  bencode: BENCODE_KINDS,
  'info of v1': INFO_KINDS,
  names: NAME_KINDS,
  'beside info': BESIDE_KINDS,
  v2: V2_KINDS,
  hybrid: HYBRID_KINDS,
};

/** Paths and sizes as libtorrent tells them, or the sentence that refuses it. */
function verdict(bytes: Uint8Array): readonly (readonly [string, number])[] | string {
  try {
    const { name, files } = parseTorrent(bytes).metainfo;
    for (const part of [name, ...files.flatMap(({ path }) => path)])
      expect(namePartFault(part)).toBeUndefined();
    return files.flatMap((file) =>
      file.padding ? [] : [[[name, ...file.path].join('/'), file.length] as const],
    );
  } catch (error) {
    if (!(error instanceof LanshareError)) throw error;
    expect(error.exitCode).toBe(8);
    expect(error.message).toMatch(/^this (?:is not a valid torrent|torrent is not safe to use): \P{Cc}+$/u);
    return error.message;
  }
}

describe.each(Object.entries(TABLES))('a .torrent, %s:', (_, kinds) => {
  it.each(kinds.map((kind): [string, Kind] => [kind.what, kind]))('%s', (_what, { bytes, fault }) => {
    const made = verdict(bytes);
    if (fault === undefined) expect(made).toBeTypeOf('object');
    else expect(made).toMatch(fault);
  });
});

describe.skipIf(libtorrentPython === undefined)('libtorrent and lanshare', () => {
  it.each(Object.entries(TABLES))('load and refuse the same, and give the same names: %s', (_, kinds) => {
    const judgements = judgeWithLibtorrent(kinds.map(({ bytes }) => bytes));
    for (const [at, { what, bytes, verdictDiffers, namesDiffer }] of kinds.entries()) {
      const theirs = judgements[at];
      const ours = verdict(bytes);
      const same = (typeof ours === 'object') === theirs?.loads;
      expect.soft(same, `${what}: ${ours} / ${theirs?.fault}`).toBe(verdictDiffers === undefined);
      if (typeof ours !== 'object' || !same) continue;
      const theirFiles = theirs?.files;
      if (namesDiffer === undefined) expect.soft(ours.slice(0, 50), what).toEqual(theirFiles);
      else expect.soft(ours.slice(0, 50), what).not.toEqual(theirFiles);
    }
  });
});
