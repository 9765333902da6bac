import { MAX_TRACKERS } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { printableName } from '../metainfo/printable-name.ts';
import type { ScrapeCounts } from '../wire/tracker/announce.ts';
import type { TrackerClient } from './tracker-client.ts';

/** What one tracker says of a content to somebody who does not take part. */
export type Scraped =
  | { readonly url: string; readonly kind: 'counted'; readonly counts: ScrapeCounts }
  /** The message is a sentence, safe to print. */
  | { readonly url: string; readonly kind: 'failed'; readonly message: string };

/**
 * Asks all trackers for their counts (BEP 48), each once and MAX_TRACKERS at most; in their order. Rejects with the
 * signal's reason where that aborts.
 */
export async function scrapeAll(
  client: TrackerClient,
  trackers: readonly string[],
  infoHash: InfoHash,
  signal: AbortSignal,
): Promise<readonly Scraped[]> {
  const urls = [...new Set(trackers)].slice(0, MAX_TRACKERS);
  const scraped = await Promise.all(urls.map((url) => scrapeOne(client, url, infoHash, signal)));
  signal.throwIfAborted();
  return scraped;
}

async function scrapeOne(
  client: TrackerClient,
  url: string,
  infoHash: InfoHash,
  signal: AbortSignal,
): Promise<Scraped> {
  try {
    const contents = await client.scrape(url, [infoHash], AbortSignal.any([signal]));
    const counts = contents.find((one) => one.infoHash === infoHash);
    if (counts === undefined) return { url, kind: 'failed', message: 'it does not know this content' };
    return { url, kind: 'counted', counts };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { url, kind: 'failed', message: printableName(message) };
  }
}
