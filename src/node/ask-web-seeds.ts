import { MAX_WEB_SEEDS_ASKED, WEB_SEED_RETRY_MAX_MS, WEB_SEED_RETRY_MIN_MS } from '../limits.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import type { PeerLink } from '../peer/peer-link.ts';
import { repeat } from '../platform/clock.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { NodeContext } from './context.ts';

interface WebSeed {
  readonly url: string;
  link: PeerLink | undefined;
  notBefore: number;
  failures: number;
}

const LOOK_INTERVAL_MS = 1_000;

/**
 * Has the swarm ask HTTP servers, too (BEP 19), until the returned function is called. A link that has ended is opened
 * again later and later; one that gave wrong data is banned by the swarm, and refused from then on.
 */
export function askWebSeeds(
  context: NodeContext,
  swarm: Swarm,
  metainfo: Metainfo,
  urls: readonly string[],
): () => void {
  if (urls.length === 0) return () => {};
  const seeds = [...new Set(urls)]
    .slice(0, MAX_WEB_SEEDS_ASKED)
    .map((url): WebSeed => ({ url, link: undefined, notBefore: 0, failures: 0 }));
  let stopped = false;
  let stop = (): void => {};
  void load().then((open) => {
    if (stopped) return;
    const look = (): void => {
      if (!swarm.complete) for (const seed of seeds) if (isDue(seed, swarm, context)) open(seed);
    };
    look();
    stop = repeat(context.clock, LOOK_INTERVAL_MS, look).cancel;
  });
  return () => {
    stopped = true;
    stop();
  };

  /** Most contents have no web seeds, so the code is loaded only where there are some. */
  async function load(): Promise<(seed: WebSeed) => void> {
    const { openWebSeed } = await import('../peer/web-seed/web-seed-link.ts');
    const { httpGet } = await import('../platform/http-client.ts');
    const { clock, logger } = context;
    return (seed) => {
      seed.notBefore =
        clock.now() + Math.min(WEB_SEED_RETRY_MAX_MS, WEB_SEED_RETRY_MIN_MS * 2 ** seed.failures);
      seed.failures++;
      openWebSeed({
        url: seed.url,
        metainfo,
        httpGet,
        clock,
        logger,
        welcome(link, introduction) {
          seed.link = link;
          return swarm.welcome(link, introduction);
        },
        onFailed: ({ text }) => logger.debug({ url: seed.url, text }, 'web seed refused'),
      });
    };
  }
}

function isDue({ link, notBefore }: WebSeed, swarm: Swarm, { clock }: NodeContext): boolean {
  if (clock.now() < notBefore) return false;
  for (const session of swarm.sessions) if (session.link === link) return false;
  return true;
}
