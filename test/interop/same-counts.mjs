import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { addTrackers } from './contents.mjs';
import { lanshareTracker } from './programs/lanshare-tracker.mjs';
import { opentracker } from './programs/opentracker.mjs';
import { scrape } from './programs/tracker-scrape.mjs';
import { waitUntil } from './programs/waiting.mjs';
import { leech, seed, stop } from './roles.mjs';
import { withLan } from './with-lan.mjs';

const COUNTS_TIMEOUT_MS = 30_000;

/**
 * The same programs announce themselves to `lanshare tracker` and to opentracker, each on a LAN of its own: both have to
 * count them the same way whenever all have said what they have to say. Resolves with the seconds of the slower one.
 */
export async function expectSameCounts(cell, content) {
  const seconds = await Promise.all(
    [lanshareTracker, opentracker].map((tracker) =>
      withLan({ hosts: 1 + cell.seeders.length + cell.leechers.length }, (lan, place) =>
        new Counting(cell, content, tracker, lan, place).run(),
      ),
    ),
  );
  return Math.max(...seconds);
}

class Counting {
  #cell;
  #content;
  #tracker;
  #place;
  #middle;
  #hosts;

  constructor(cell, content, tracker, lan, place) {
    this.#cell = cell;
    this.#content = content;
    this.#tracker = tracker;
    this.#place = place;
    [this.#middle, ...this.#hosts] = lan.hosts;
  }

  /** Leechers come first: so it is the seeders whom the tracker has to tell of the others. */
  async run() {
    const start = performance.now();
    const { seeders, leechers } = this.#cell;
    const torrent = await this.#startTracker();
    const ofSeeders = this.#hosts.slice(0, seeders.length);
    const ofLeechers = this.#hosts.slice(seeders.length);
    const place = this.#place;

    const leeching = await Promise.all(
      leechers.map((program, index) =>
        leech(program, ofLeechers[index], this.#content, { source: torrent, ...this.#announced, place }),
      ),
    );
    await this.#expectCounts('leechers alone', {
      complete: 0,
      incomplete: leechers.length,
      downloaded: 0,
    });

    const seeding = await Promise.all(
      seeders.map((program, index) =>
        seed(program, ofSeeders[index], this.#content, { torrent, ...this.#announced, place }),
      ),
    );
    await Promise.all(leeching.map(({ arrived }) => arrived())).catch((error) => {
      throw new Error(`beside ${this.#tracker.name}: ${error.message}`, { cause: error });
    });
    const all = seeders.length + leechers.length;
    const downloaded = leechers.length;
    await this.#expectCounts('all fetched', { complete: all, incomplete: 0, downloaded });

    const [stopFirst, ...stopOthers] = [...seeding, ...leeching.map(({ running }) => running)].map(
      (running, index) => () => stop([...seeders, ...leechers][index], this.#hosts[index], running),
    );
    await stopFirst();
    await this.#expectCounts('one stopped', { complete: all - 1, incomplete: 0, downloaded });
    await Promise.all(stopOthers.map((stopOther) => stopOther()));
    await this.#expectCounts('all stopped', { complete: 0, incomplete: 0, downloaded });
    return (performance.now() - start) / 1000;
  }

  async #startTracker() {
    await this.#tracker.start(this.#middle, {
      infoHash: this.#content.infoHash,
      place: join(this.#place, 'tracker'),
    });
    const torrent = join(this.#place, 'content.torrent');
    await addTrackers(this.#content.torrent, [this.#url(this.#protocol)], torrent);
    return torrent;
  }

  get #announced() {
    return { tracker: this.#url(this.#protocol), peers: [], lsd: false, stays: true };
  }

  get #protocol() {
    return this.#cell.finding === 'udp-tracker' ? 'udp' : 'http';
  }

  #url(protocol) {
    return this.#tracker.url(protocol, this.#middle);
  }

  /** Waits until all have announced it; by both protocols the counts are the same. */
  async #expectCounts(moment, expected) {
    for (const protocol of ['http', 'udp']) {
      let counts;
      const areExpected = async () => {
        counts = await scrape(this.#middle, this.#url(protocol), this.#content.infoHash);
        return isDeepStrictEqual(counts, expected);
      };
      await waitUntil(areExpected, { what: 'such counts', timeoutMs: COUNTS_TIMEOUT_MS }).catch(() => {
        const [said, due] = [counts, expected].map((value) => JSON.stringify(value));
        throw new Error(`${moment}: ${this.#tracker.name} says ${said} by ${protocol}, and not ${due}`);
      });
    }
  }
}
