import type { Torrent } from '../../metainfo/metainfo.ts';
import { printableName } from '../../metainfo/printable-name.ts';
import type { Scraped } from '../../trackers/scrape-all.ts';
import type { Context } from '../context.ts';
import type { InfoFlags } from '../options/invocation.ts';
import type { TrackersChange } from '../output/events.ts';

/** `info --scrape`: what the trackers say of the content, as a table on stdout or as a `trackers` event. */
export async function scrape(
  { host, reporter, signal }: Context,
  { metainfo, trackers }: Torrent,
  flags: InfoFlags,
): Promise<void> {
  const { infoHash } = metainfo;
  const urls = [...trackers, ...(flags.tracker ?? [])].flat();
  const { scrapeAll } = await import('../../trackers/scrape-all.ts');
  const { systemTrackerClient } = await import('../../trackers/system-tracker-client.ts');
  const { systemRandom } = await import('../../platform/random.ts');
  const client = systemTrackerClient(host.clock, systemRandom);
  try {
    const scraped = await scrapeAll(client, urls, infoHash, signal);
    if (flags.json === true) reporter.report(event(infoHash, scraped));
    else host.stdout.write(await table(scraped));
  } finally {
    await client.close();
  }
}

function event(infoHash: string, scraped: readonly Scraped[]): TrackersChange {
  return {
    event: 'trackers',
    infoHash,
    trackers: scraped.map((one) => {
      const { url } = one;
      const unsaid = { interval: null, peersReceived: 0 };
      if (one.kind === 'failed')
        return { url, state: 'failed', message: one.message, seeders: null, leechers: null, ...unsaid };
      const { seeders, leechers } = one.counts;
      return { url, state: 'working', message: null, seeders, leechers, ...unsaid };
    }),
  };
}

async function table(scraped: readonly Scraped[]): Promise<string> {
  if (scraped.length === 0) return '\nno tracker is named\n';
  const { tableLines } = await import('../output/table.ts');
  const rows = scraped.map((one) => {
    const name = printableName(one.url);
    if (one.kind === 'failed') return [name, 'failed', '-', '-', '-', one.message];
    const { seeders, leechers, completed } = one.counts;
    return [name, 'working', String(seeders), String(leechers), String(completed)];
  });
  const lines = tableLines([['TRACKER', 'STATUS', 'SEEDERS', 'LEECHERS', 'COMPLETED'], ...rows]);
  return `\n${lines.join('\n')}\n`;
}
