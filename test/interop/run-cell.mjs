import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLan } from '../lan/lab.mjs';
import { addTrackers, expectSame, linkContent } from './contents.mjs';
import { OTHER_PORT, opentracker } from './programs/opentracker.mjs';
import { lastWords } from './programs/waiting.mjs';

const ARRIVAL_TIMEOUT_MS = 90_000;
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
  const place = await mkdtemp(join(tmpdir(), 'lanshare-interop-'));
  const lan = makeLan({ hosts: 1 + cell.seeders.length + cell.leechers.length, rate: cell.rate });
  try {
    return await new Trial(cell, content, lan, place).run();
  } finally {
    lan.close();
    await rm(place, { recursive: true, force: true });
  }
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
    const trackers = await this.#startTrackers();
    const torrents = await this.#writeTorrents(trackers);
    const seeding = this.#hosts.slice(0, seeders.length);
    for (const [index, program] of seeders.entries()) {
      await this.#seed(program, seeding[index], torrents.seeder, trackers.seeders);
    }
    const addresses = seeding.map((host, index) => `${host.ipv4}:${seeders[index].port}`);
    if (introducer !== undefined) await this.#introduce(introducer, torrents, addresses);
    if (trackers.leechers !== undefined)
      await this.#announced(introducer === undefined ? { seeders: seeders.length } : { leechers: 1 });
    const start = performance.now();
    const peers = finding === 'peer' ? addresses : [];
    const source = this.#source(torrents.leecher, trackers.leechers, peers);
    await Promise.all(
      leechers.map((program, index) =>
        this.#leech(program, this.#hosts[seeders.length + index], {
          source,
          tracker: trackers.leechers,
          peers,
        }),
      ),
    );
    return (performance.now() - start) / 1000;
  }

  /** Where somebody introduces them (PEX), seeders and leechers know one tracker each, not the same one. */
  async #startTrackers() {
    const protocol = TRACKERS.find(([way]) => this.#cell.finding.includes(way))?.[1];
    if (protocol === undefined) return { seeders: undefined, leechers: undefined };
    const leechers = await this.#startTracker(protocol);
    if (this.#cell.introducer === undefined) return { seeders: leechers, leechers };
    return { seeders: await this.#startTracker(protocol, OTHER_PORT), leechers };
  }

  async #startTracker(protocol, port) {
    const place = join(this.#place, `tracker-${port ?? ''}`);
    await opentracker.start(this.#middle, { infoHash: this.#content.infoHash, place, port });
    return opentracker.url(protocol, this.#middle, port);
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

  async #seed(program, host, torrent, tracker) {
    const { name, pieceLength, version, infoHash } = this.#content;
    const place = join(this.#place, `seeder-${host.number}`);
    const folder = join(place, 'content');
    await linkContent(this.#content, folder, program);
    const lsd = this.#cell.finding.includes('lsd');
    await program.seed(host, {
      torrent,
      folder,
      name,
      pieceLength,
      version,
      infoHash,
      tracker,
      lsd,
      place,
    });
  }

  async #announced({ seeders = 0, leechers = 0 }) {
    await opentracker.waitFor(this.#middle, { infoHash: this.#content.infoHash, seeders, leechers });
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

  async #leech(program, host, { source, tracker, peers }) {
    const place = join(this.#place, `leecher-${host.number}`);
    const out = join(place, 'out');
    await mkdir(out, { recursive: true });
    const lsd = this.#cell.finding.includes('lsd');
    const leeching = await program.leech(host, { source, out, lsd, tracker, peers, place });
    await leeching.arrived(this.#cell.timeoutMs ?? ARRIVAL_TIMEOUT_MS).catch((error) => {
      const [reason] = error.message.split('\n');
      throw new Error(`${program.name} as leecher: ${reason}\n${lastWords(leeching.running)}`);
    });
    await expectSame(this.#content, join(out, this.#content.name), program);
  }
}
