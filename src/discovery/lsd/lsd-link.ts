import { MAX_LSD_BURST_DATAGRAMS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import type { GroupLink, LinkPlace } from '../group-links.ts';
import { AnnouncePace } from './announce-pace.ts';
import { Announcer, type Part } from './announcer.ts';
import { encodeLsd, MAX_INFO_HASHES_PER_DATAGRAM } from './lsd-message.ts';

export interface LsdLinkOptions extends LinkPlace {
  readonly clock: Clock;
  readonly random: Random;
  /** The node's TCP port. */
  readonly port: number;
  readonly cookie: string;
}

/** BEP 14 on one interface and address family. */
export class LsdLink implements GroupLink {
  readonly #options: LsdLinkOptions;
  readonly #announcer: Announcer;
  readonly #pace: AnnouncePace;

  constructor(options: LsdLinkOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.#pace = new AnnouncePace(clock);
    this.#announcer = new Announcer({
      clock,
      random,
      burst: MAX_LSD_BURST_DATAGRAMS * MAX_INFO_HASHES_PER_DATAGRAM,
      intervalMs: () => this.#pace.intervalMs,
      send: (infoHashes) => this.#send(infoHashes),
    });
  }

  /** All that is announced from now on. */
  update(contents: ReadonlyMap<InfoHash, Part>): void {
    this.#announcer.update(contents);
  }

  /** A datagram on this link, our own included: it costs the LAN something, whatever it says. */
  noteTraffic(bytes: number): void {
    this.#pace.note(bytes);
  }

  /** Somebody else announced it. */
  hear(infoHash: InfoHash, speaker: string, isNew: boolean): void {
    this.#announcer.hear(infoHash, speaker, isNew);
  }

  stop(): void {
    this.#announcer.stop();
  }

  #send(infoHashes: readonly InfoHash[]): void {
    const { port, cookie, group, transmit } = this.#options;
    for (const bytes of encodeLsd({ port, cookie, infoHashes }, group.host)) transmit(bytes, group);
  }
}
