import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLan } from '../lan/lab.mjs';
import { addTracker, expectSame, linkContent } from './contents.mjs';
import { introduce } from './programs/libtorrent.mjs';
import { opentracker } from './programs/opentracker.mjs';
import { lastWords } from './programs/waiting.mjs';

const ARRIVAL_TIMEOUT_MS = 90_000;
/** Which tracker a way to find peers needs; the peer that PEX starts from is found by one, too. */
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
  const content = await contents.get(cell.content);
  const place = await mkdtemp(join(tmpdir(), 'lanshare-interop-'));
  const lan = makeLan({ hosts: 1 + cell.seeders.length + cell.leechers.length, rate: cell.rate });
  try {
    return await new Trial(cell, content, lan, place).run();
  } finally {
    lan.close();
    await rm(place, { recursive: true, force: true });
  }
}

class Trial {
  #cell;
  #content;
  #place;
  /** The first runs the tracker, and the peer that introduces others. */
  #middle;
  #hosts;

  constructor(cell, content, lan, place) {
    this.#cell = cell;
    this.#content = content;
    this.#place = place;
    [this.#middle, ...this.#hosts] = lan.hosts;
  }

  async run() {
    const { seeders, leechers, finding } = this.#cell;
    const tracker = await this.#startTracker();
    const torrents = await this.#writeTorrents(tracker);
    const seeding = this.#hosts.slice(0, seeders.length);
    for (const [index, program] of seeders.entries()) {
      await this.#seed(program, seeding[index], torrents.seeder, finding === 'pex' ? undefined : tracker);
    }
    const addresses = seeding.map((host, index) => `${host.ipv4}:${seeders[index].port}`);
    if (finding === 'pex') await introduce(this.#middle, { torrent: torrents.leecher, peers: addresses });
    if (tracker !== undefined)
      await this.#announced(finding === 'pex' ? { leechers: 1 } : { seeders: seeders.length });
    const start = performance.now();
    const peers = finding === 'peer' ? addresses : [];
    const source = this.#source(torrents.leecher, tracker, peers);
    await Promise.all(
      leechers.map((program, index) =>
        this.#leech(program, this.#hosts[seeders.length + index], { source, tracker, peers }),
      ),
    );
    return (performance.now() - start) / 1000;
  }

  async #startTracker() {
    const protocol = TRACKERS.find(([way]) => this.#cell.finding.includes(way))?.[1];
    if (protocol === undefined) return undefined;
    const place = join(this.#place, 'tracker');
    await opentracker.start(this.#middle, { infoHash: this.#content.infoHash, place });
    return opentracker.url(protocol, this.#middle);
  }

  /** Where peers are to be found by PEX, the seeders know no tracker: only the peer in the middle knows them. */
  async #writeTorrents(tracker) {
    const { torrent } = this.#content;
    if (tracker === undefined) return { seeder: torrent, leecher: torrent };
    const tracked = join(this.#place, 'content.torrent');
    await addTracker(torrent, tracker, tracked);
    return { seeder: this.#cell.finding === 'pex' ? torrent : tracked, leecher: tracked };
  }

  async #seed(program, host, torrent, tracker) {
    const { name, pieceLength, infoHash } = this.#content;
    const place = join(this.#place, `seeder-${host.number}`);
    const folder = join(place, 'content');
    await linkContent(this.#content, folder);
    const lsd = this.#cell.finding.includes('lsd');
    await program.seed(host, { torrent, folder, name, pieceLength, infoHash, tracker, lsd, place });
  }

  async #announced({ seeders = 0, leechers = 0 }) {
    await opentracker.waitFor(this.#middle, { infoHash: this.#content.infoHash, seeders, leechers });
  }

  #source(torrent, tracker, peers) {
    if (!this.#cell.magnet) return torrent;
    const parameters = [`xt=urn:btih:${this.#content.infoHash}`];
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
