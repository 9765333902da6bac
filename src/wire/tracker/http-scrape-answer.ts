import { MAX_SCRAPED_CONTENTS } from '../../limits.ts';
import { type BencodeInput, encodeBencode } from '../../metainfo/bencode.ts';
import { infoHashFromBytes, infoHashToBytes } from '../../metainfo/metainfo.ts';
import type { ScrapeCounts, TrackerFailure } from './announce.ts';
import { count, decodeHttpAnswer, encodeHttpFailure, failureIn } from './http-answer.ts';
import { TrackerFault } from './tracker-fault.ts';

export type HttpScrapeAnswer =
  | { readonly type: 'scraped'; readonly contents: readonly ScrapeCounts[] }
  | TrackerFailure;

/** BEP 48. */
export function encodeHttpScrapeAnswer(answer: HttpScrapeAnswer): Uint8Array {
  if (answer.type === 'failure') return encodeHttpFailure(answer);
  const contents = [...answer.contents].sort((one, other) => (one.infoHash < other.infoHash ? -1 : 1));
  // Info-hashes are keys of any bytes, which an object's keys are not.
  const files = contents.flatMap((counts) => [
    encodeBencode(infoHashToBytes(counts.infoHash)),
    encodeBencode(countsOf(counts)),
  ]);
  return Buffer.concat([Buffer.from('d5:filesd'), ...files, Buffer.from('ee')]);
}

function countsOf({ seeders, completed, leechers }: ScrapeCounts): BencodeInput {
  return { complete: seeders, downloaded: completed, incomplete: leechers };
}

/** At most MAX_SCRAPED_CONTENTS; what is no info-hash is left out. Throws TrackerFault. */
export function decodeHttpScrapeAnswer(bytes: Uint8Array): HttpScrapeAnswer {
  const answer = decodeHttpAnswer(bytes);
  const failure = failureIn(answer);
  if (failure !== undefined) return failure;
  const files = answer.field('files');
  if (files?.kind !== 'dictionary') throw new TrackerFault('its answer has no "files"');
  const contents: ScrapeCounts[] = [];
  for (const [key, counts] of files.entries()) {
    if (contents.length === MAX_SCRAPED_CONTENTS) break;
    if (key.length !== 20) continue;
    contents.push({
      infoHash: infoHashFromBytes(key),
      seeders: count(counts, 'complete') ?? 0,
      completed: count(counts, 'downloaded') ?? 0,
      leechers: count(counts, 'incomplete') ?? 0,
    });
  }
  return { type: 'scraped', contents };
}
