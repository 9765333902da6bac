import { describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { judgeWithLibtorrent } from './judge-torrents.ts';
import { libtorrentPython } from './libtorrent.ts';
import { mutatedTorrents } from './mutated-torrents.ts';

const MUTANTS = mutatedTorrents(6_000, 20_260);
/** libtorrent looks at these hashes only when the torrent is started. */
const FALSE_LAYER = /the piece layer of .* does not match its pieces root/;

function refusal(bytes: Uint8Array): string | undefined {
  try {
    parseTorrent(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof LanshareError && error.exitCode === 8) return error.message;
    throw error;
  }
}

describe('six thousand damaged .torrents', () => {
  it('are each read or refused with exit code 8 and a sentence', () => {
    const refusals = MUTANTS.flatMap((bytes) => refusal(bytes) ?? []);
    expect(refusals.length).toBeGreaterThan(1_000);
    expect(MUTANTS.length - refusals.length).toBeGreaterThan(500);
    for (const sentence of refusals)
      expect(sentence).toMatch(/^this (?:is not a valid|torrent is not safe)\P{Cc}+$/u);
  });

  it.skipIf(libtorrentPython === undefined)('are loaded and refused as by libtorrent', () => {
    for (const [at, judgement] of judgeWithLibtorrent(MUTANTS).entries()) {
      const bytes = MUTANTS[at] ?? new Uint8Array(0);
      const ours = refusal(bytes);
      if (ours !== undefined && FALSE_LAYER.test(ours)) continue;
      const what = `${Buffer.from(bytes).toString('base64')}: ${ours} / ${judgement.fault}`;
      expect(ours === undefined, what).toBe(judgement.loads);
    }
  });
});
