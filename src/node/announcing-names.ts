import type { InfoHash } from '../metainfo/metainfo.ts';
import { mergeStatus } from '../trackers/merge-status.ts';
import type { TrackerStatus } from '../trackers/tracker-status.ts';
import type { Swarm } from '../transfer/swarm.ts';
import { type Announcing, type AnnouncingOptions, announceAt } from './announcing.ts';
import type { NodeContext } from './context.ts';

interface Announced {
  readonly announcing: Announcing;
  /** Undefined until these trackers have said something. */
  rows: readonly TrackerStatus[] | undefined;
}

/**
 * One content at some trackers, under each of its names: a hybrid has a swarm of v1 and one of v2 (BEP 52), and who has
 * but one of its names finds only those who are in that swarm. Each tracker is shown once.
 */
export class AnnouncingNames implements Announcing {
  readonly #context: NodeContext;
  readonly #swarm: Swarm;
  readonly #options: Omit<AnnouncingOptions, 'infoHash'>;
  readonly #names = new Map<InfoHash, Announced>();

  constructor(
    context: NodeContext,
    swarm: Swarm,
    names: Iterable<InfoHash>,
    options: Omit<AnnouncingOptions, 'infoHash'>,
  ) {
    this.#context = context;
    this.#swarm = swarm;
    this.#options = options;
    for (const name of names) this.add(name);
  }

  /** Another name has become known. */
  add(infoHash: InfoHash): void {
    if (this.#names.has(infoHash)) return;
    const onStatus = (rows: readonly TrackerStatus[]): void => {
      announced.rows = rows;
      this.#options.onStatus(mergeStatus([...this.#names.values()].map((one) => one.rows)));
    };
    const announcing = announceAt(this.#context, this.#swarm, { ...this.#options, infoHash, onStatus });
    const announced: Announced = { announcing, rows: undefined };
    this.#names.set(infoHash, announced);
  }

  completed(): void {
    for (const { announcing } of this.#names.values()) announcing.completed();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#names.values()].map(({ announcing }) => announcing.close()));
  }
}
