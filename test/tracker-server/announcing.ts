import { infoHashFromBytes } from '../../src/metainfo/metainfo.ts';
import { readAddress } from '../../src/tracker-server/access/address-words.ts';
import { type Announcement, emptyAnnouncement } from '../../src/tracker-server/registry/announcement.ts';
import { infoHashWords, setWords } from '../../src/tracker-server/registry/info-hash-words.ts';
import type { Swarm } from '../../src/tracker-server/registry/swarm.ts';
import type { AnnounceEvent } from '../../src/wire/tracker/announce.ts';

export interface Said {
  readonly content?: number;
  readonly host: string;
  readonly port?: number;
  /** Of which the peer id is made. Default: by host and port. */
  readonly id?: string;
  readonly seeder?: boolean;
  readonly event?: AnnounceEvent;
  readonly wanted?: number;
}

/** What a registry is told. */
export function announcement(said: Said): Announcement {
  const { content = 1, host, port = 6881, id = `${host} ${port}`, seeder = false, event = 'regular' } = said;
  const made = emptyAnnouncement();
  made.infoHash.set(infoHashWords(infoHashOfContent(content)));
  setWords(made.peerId, peerIdOf(id));
  made.family = readAddress(host, made.address) ?? 'IPv4';
  made.port = port;
  made.isSeeder = seeder;
  made.event = event;
  made.wanted = said.wanted ?? 50;
  return made;
}

export function infoHashOfContent(content: number) {
  const bytes = Buffer.alloc(20, 7);
  bytes.writeUInt32BE(content, 16);
  return infoHashFromBytes(bytes);
}

export function peerIdOf(id: string): Uint8Array {
  return Buffer.from(id.padStart(20, '-').slice(-20), 'latin1');
}

/** The swarm that an announcement gave; throws where it was refused. */
export function swarmOf(answer: Swarm | string | undefined): Swarm {
  if (answer === undefined || typeof answer === 'string') throw new Error(`no swarm: ${answer}`);
  return answer;
}
