import { LSD_HEARD_MEMORY_MS, MAX_LSD_CONTENTS_PER_HOST, MAX_LSD_HOSTS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { LsdAnnouncement } from './lsd-message.ts';

/**
 * Who has announced what lately, within limits: who announces every five minutes is known to a search that starts in
 * between. Time is handed in.
 */
export class HeardAnnouncements {
  /** Both in the order they were last heard: host to (port, content and cookie) to the time. */
  readonly #hosts = new Map<string, Map<string, number>>();

  /** Returns whether this is news: not heard lately, or from a process that has been started since. */
  note(host: string, { port, cookie }: LsdAnnouncement, infoHash: InfoHash, now: number): 'new' | 'known' {
    const ofHost = this.#hosts.get(host) ?? new Map<string, number>();
    this.#hosts.delete(host);
    this.#hosts.set(host, ofHost);
    const key = `${port} ${infoHash} ${cookie ?? ''}`;
    const before = ofHost.get(key) ?? Number.NEGATIVE_INFINITY;
    ofHost.delete(key);
    ofHost.set(key, now);
    dropOldest(ofHost, MAX_LSD_CONTENTS_PER_HOST);
    dropOldest(this.#hosts, MAX_LSD_HOSTS);
    return now - before > LSD_HEARD_MEMORY_MS ? 'new' : 'known';
  }

  /** Where the content was announced lately. */
  endpointsOf(infoHash: InfoHash, now: number): readonly Endpoint[] {
    return [...this.#hosts].flatMap(([host, ofHost]) => {
      const ports = new Set<number>();
      for (const [key, at] of ofHost) {
        const [port, content] = key.split(' ');
        if (content === infoHash && now - at <= LSD_HEARD_MEMORY_MS) ports.add(Number(port));
      }
      return [...ports].map((port) => ({ host, port }));
    });
  }
}

function dropOldest<K>(map: Map<K, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
