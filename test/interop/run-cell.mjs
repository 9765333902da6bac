import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addTrackers } from './contents.mjs';
import { opentracker } from './programs/opentracker.mjs';
import { scrape } from './programs/tracker-scrape.mjs';
import { OTHER_TRACKER_PORT } from './programs/tracker-url.mjs';
import { waitUntil } from './programs/waiting.mjs';
import { leech, seed } from './roles.mjs';
import { expectSameCounts } from './same-counts.mjs';
import { withLan } from './with-lan.mjs';

/** Which tracker a way to find peers needs; who introduces others (PEX) is found by one, too. */
const TRACKERS = [
  ['http-tracker', 'http'],
  ['udp-tracker', 'udp'],
  ['pex', 'http'],
];

/**
 * One cell of the matrix: seeders and leechers on a LAN of their own. Resolves with the seconds from the start of the
 * leechers until the last has everything; rejects where that does not happen, or where other bytes arrive.
 */
export async function runCell(cell, contents) {
  const content = await contents.get(cell.content, cell.seeders[0]);
  if (cell.refused === true) return expectRefusal(cell, content);
  if (cell.counted === true) return expectSameCounts(cell, content);
  const hosts = 1 + cell.seeders.length + cell.leechers.length;
  return withLan({ hosts, rate: cell.rate }, (lan, place) => new Trial(cell, content, lan, place).run());
}

/** Nothing is moved: the leecher would not ask for this content, as it cannot read its .torrent. */
function expectRefusal({ leechers: [program] }, { torrent, infoHash }) {
  const start = performance.now();
  if (program.infoHashOf(torrent) === infoHash) throw new Error(`${program.name} reads it well`);
  return (performance.now() - start) / 1000;
}

class Trial {
  #cell;
  #content;
  #place;
  /** The first runs the trackers, and who introduces others. */
  #middle;
  #hosts;

  constructor(cell, content, lan, place) {
    this.#cell = cell;
    this.#content = content;
    this.#place = place;
    [this.#middle, ...this.#hosts] = lan.hosts;
  }

  async run() {
    const { seeders, leechers, finding, introducer } = this.#cell;
    const shared = { lsd: finding.includes('lsd'), place: this.#place };
    const trackers = await this.#startTrackers();
    const torrents = await this.#writeTorrents(trackers);
    const seeding = this.#hosts.slice(0, seeders.length);
    for (const [index, program] of seeders.entries()) {
      await seed(program, seeding[index], this.#content, {
        torrent: torrents.seeder,
        tracker: trackers.seeders,
        ...shared,
      });
    }
    const addresses = seeding.map((host, index) => `${host.ipv4}:${seeders[index].port}`);
    if (introducer !== undefined) await this.#introduce(introducer, torrents, addresses);
    if (trackers.leechers !== undefined) {
      const awaited = introducer === undefined ? { complete: seeders.length } : { incomplete: 1 };
      await this.#announced(trackers.leechers, awaited);
    }
    const start = performance.now();
    const peers = finding === 'peer' ? addresses : [];
    const source = this.#source(torrents.leecher, trackers.leechers, peers);
    const asked = { source, tracker: trackers.leechers, peers, ...shared };
    await Promise.all(
      leechers.map(async (program, index) => {
        const { arrived } = await leech(program, this.#hosts[seeders.length + index], this.#content, asked);
        await arrived(this.#cell.timeoutMs);
      }),
    );
    return (performance.now() - start) / 1000;
  }

  /** Where somebody introduces them (PEX), seeders and leechers know one tracker each, not the same one. */
  async #startTrackers() {
    const protocol = TRACKERS.find(([way]) => this.#cell.finding.includes(way))?.[1];
    if (protocol === undefined) return { seeders: undefined, leechers: undefined };
    const leechers = await this.#startTracker(protocol);
    if (this.#cell.introducer === undefined) return { seeders: leechers, leechers };
    return { seeders: await this.#startTracker(protocol, OTHER_TRACKER_PORT), leechers };
  }

  async #startTracker(protocol, port) {
    const { tracker = opentracker } = this.#cell;
    const place = join(this.#place, `tracker-${port ?? ''}`);
    await tracker.start(this.#middle, { infoHash: this.#content.infoHash, place, port });
    return tracker.url(protocol, this.#middle, port);
  }

  async #writeTorrents({ seeders, leechers }) {
    const { torrent } = this.#content;
    if (leechers === undefined) return { seeder: torrent, leecher: torrent, both: torrent };
    const withTrackers = async (name, ...urls) => {
      const tracked = join(this.#place, name);
      await addTrackers(torrent, urls, tracked);
      return tracked;
    };
    return {
      seeder: await withTrackers('seeder.torrent', seeders),
      leecher: await withTrackers('content.torrent', leechers),
      both: await withTrackers('both.torrent', seeders, leechers),
    };
  }

  async #introduce(introducer, torrents, peers) {
    const place = join(this.#place, 'introducer');
    await mkdir(place, { recursive: true });
    await introducer.introduce(this.#middle, { torrents, peers, place });
  }

  /** Resolves when as many have announced themselves. */
  #announced(tracker, { complete = 0, incomplete = 0 }) {
    const { infoHash } = this.#content;
    const areCounted = async () => {
      const counts = await scrape(this.#middle, tracker, infoHash);
      return counts.complete >= complete && counts.incomplete >= incomplete;
    };
    return waitUntil(areCounted, { what: 'announcement at the tracker' });
  }

  #source(torrent, tracker, peers) {
    if (!this.#cell.magnet) return torrent;
    const { v1, v2 } = this.#content.infoHashes;
    const parameters = [
      ...(v1 === null ? [] : [`xt=urn:btih:${v1}`]),
      // A multihash (BEP 9): SHA-256, 32 bytes.
      ...(v2 === null ? [] : [`xt=urn:btmh:1220${v2}`]),
    ];
    if (tracker !== undefined) parameters.push(`tr=${encodeURIComponent(tracker)}`);
    for (const peer of peers) parameters.push(`x.pe=${peer}`);
    return `magnet:?${parameters.join('&')}`;
  }
}
