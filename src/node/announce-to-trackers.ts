import type { TrackerNews } from '../discovery/lan-trackers.ts';
import type { InfoHash, Metainfo } from '../metainfo/metainfo.ts';
import { v2Name } from '../metainfo/swarm-names.ts';
import { formatEndpoint } from '../platform/endpoint.ts';
import type { TrackerStatus } from '../trackers/tracker-status.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { Announcing } from './announcing.ts';
import { AnnouncingNames } from './announcing-names.ts';
import type { NodeContext } from './context.ts';
import { meetingPoint } from './meeting-point.ts';

/** What a swarm's trackers are to know. */
export interface SwarmTrackers extends Announcing {
  /** The metainfo has come. */
  described(metainfo: Pick<Metainfo, 'private'>): void;
  /** Pieces can be exchanged, by whatever name: a hybrid is announced by its other name, too (BEP 52). */
  activated(metainfo: Pick<Metainfo, 'infoHash' | 'infoHashV2'>): void;
}

/** Tells the trackers of a content, and those that are found on the LAN, and the swarm of the peers that they name. */
export function announceToTrackers(
  context: NodeContext,
  swarm: Swarm,
  content: TrackedContent,
): SwarmTrackers {
  return new ContentTrackers(context, swarm, content);
}

export interface TrackedContent {
  readonly infoHash: InfoHash;
  /** Its own and the user's, as in a .torrent (BEP 12). */
  readonly tiers: readonly (readonly string[])[];
  /** BEP 27: then no tracker but these is told of it. */
  isPrivate(): boolean;
}

interface FoundTracker {
  readonly announcing: AnnouncingNames;
  rows: readonly TrackerStatus[];
}

class ContentTrackers implements SwarmTrackers {
  readonly #context: NodeContext;
  readonly #swarm: Swarm;
  readonly #content: TrackedContent;
  /** Hosts and ports that are told already. */
  readonly #ownPlaces: ReadonlySet<string>;
  readonly #names: Set<InfoHash>;
  readonly #own: AnnouncingNames | undefined;
  /** By URL. */
  readonly #found = new Map<string, FoundTracker>();
  readonly #stopFollowing: () => void;
  readonly #leaving = new Set<Promise<void>>();
  #ownRows: readonly TrackerStatus[] = [];

  constructor(context: NodeContext, swarm: Swarm, content: TrackedContent) {
    this.#context = context;
    this.#swarm = swarm;
    this.#content = content;
    const { infoHash, tiers } = content;
    this.#ownPlaces = new Set(tiers.flat().flatMap(placeOf));
    this.#names = new Set([infoHash]);
    const onStatus = (rows: readonly TrackerStatus[]): void => {
      this.#ownRows = rows;
      this.#tell();
    };
    if (tiers.length > 0) this.#own = new AnnouncingNames(context, swarm, this.#names, { tiers, onStatus });
    this.#stopFollowing = context.finder.trackers.follow((news) => this.#hear(news));
  }

  completed(): void {
    this.#own?.completed();
    for (const { announcing } of this.#found.values()) announcing.completed();
  }

  described(metainfo: Pick<Metainfo, 'private'>): void {
    if (!metainfo.private) return;
    this.#stopFollowing();
    for (const url of [...this.#found.keys()]) this.#leave(url);
  }

  activated(metainfo: Pick<Metainfo, 'infoHash' | 'infoHashV2'>): void {
    this.#add(metainfo.infoHash);
    const other = v2Name(metainfo);
    if (other !== undefined) this.#add(other);
  }

  async close(): Promise<void> {
    this.#stopFollowing();
    for (const url of [...this.#found.keys()]) this.#leave(url);
    await Promise.all([this.#own?.close(), ...this.#leaving]);
  }

  #add(name: InfoHash): void {
    this.#names.add(name);
    this.#own?.add(name);
    for (const { announcing } of this.#found.values()) announcing.add(name);
  }

  #hear({ kind, url }: TrackerNews): void {
    if (kind === 'gone') this.#leave(url);
    else if (!this.#content.isPrivate() && !placeOf(url).some((place) => this.#ownPlaces.has(place)))
      this.#join(url);
  }

  #join(url: string): void {
    if (this.#found.has(url)) return;
    const onStatus = (rows: readonly TrackerStatus[]): void => this.#onFoundStatus(url, rows);
    const options = { tiers: [[url]], onStatus };
    const announcing = new AnnouncingNames(this.#context, this.#swarm, this.#names, options);
    this.#found.set(url, { announcing, rows: [] });
  }

  /** Nobody asked for this one: where it fails it is left, until it is heard again. */
  #onFoundStatus(url: string, rows: readonly TrackerStatus[]): void {
    const found = this.#found.get(url);
    if (found === undefined) return;
    if (rows.some(({ state }) => state === 'failed')) return this.#leave(url);
    if (rows.every(({ state }) => state === 'waiting')) return;
    found.rows = rows;
    this.#tell();
  }

  #leave(url: string): void {
    const found = this.#found.get(url);
    if (found === undefined) return;
    this.#found.delete(url);
    const left = found.announcing.close().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
    if (found.rows.length > 0) this.#tell();
  }

  #tell(): void {
    const found = [...this.#found.values()].flatMap(({ rows }) => rows);
    const { infoHash } = this.#content;
    this.#context.emit({ event: 'trackers', infoHash, trackers: [...this.#ownRows, ...found] });
  }
}

/** One tracker speaks both protocols on one port, and is told once. */
function placeOf(tracker: string): readonly string[] {
  const place = meetingPoint(tracker);
  return place === undefined ? [] : [formatEndpoint(place)];
}
