import { describe, expect, it } from 'vitest';
import { ServedContents, servedContent } from '../../../src/tracker-server/access/served-contents.ts';
import { sampleContent } from '../../support/sample-content.ts';
import { sampleV2Content } from '../../support/sample-v2-content.ts';

const movie = sampleContent({ name: 'movie.txt' }).metainfo;
const other = sampleContent({ name: 'other.txt', seed: 2 }).metainfo;

describe('contents that a tracker serves', () => {
  it('are all where nothing else is said', () => {
    expect(new ServedContents([], false).serves(movie.infoHash)).toBe(true);
  });

  it('are those that were named', () => {
    const served = new ServedContents([servedContent(movie)], false);
    expect([movie, other].map(({ infoHash }) => served.serves(infoHash))).toEqual([true, false]);
    expect(served.nameOf(movie.infoHash)).toBe('movie.txt');
  });

  it('are none while an empty whitelist holds', () => {
    expect(new ServedContents([], true).serves(movie.infoHash)).toBe(false);
  });

  it('are those of the whitelist, as it is now, and those that were named', () => {
    const served = new ServedContents([servedContent(movie)], true);
    served.setWhitelist([servedContent(other)]);
    expect([movie, other].map(({ infoHash }) => served.serves(infoHash))).toEqual([true, true]);
    served.setWhitelist([]);
    expect([movie, other].map(({ infoHash }) => served.serves(infoHash))).toEqual([true, false]);
  });

  it('are asked for by either hash of a hybrid, that of v2 cut to twenty bytes', () => {
    const hybrid = sampleV2Content({ a: 5 }, 1, 'hybrid').metainfo;
    const { infoHashes } = servedContent(hybrid);
    expect(infoHashes).toEqual([hybrid.infoHash, hybrid.infoHashV2?.slice(0, 40)]);
    const served = new ServedContents([servedContent(hybrid)], false);
    for (const infoHash of infoHashes) expect(served.serves(infoHash)).toBe(true);
  });
});
