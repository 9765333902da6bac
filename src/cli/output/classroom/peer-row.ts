import { type GroupEvent, type PeerExited, type PeerStarted, wasStopped } from './group-events.ts';
import type { PeerProgress } from './run-events.ts';

/** How a peer of `--all` is doing. */
export type PeerState =
  | { readonly kind: 'elsewhere'; readonly host: string }
  | { readonly kind: 'starting' }
  /** It listens, and is connected to nobody. */
  | { readonly kind: 'alone' }
  | { readonly kind: 'linked'; readonly neighbors: number }
  /** It ended well. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'stopped' }
  /** It failed; why stands in the news. */
  | { readonly kind: 'gone' };

const NO_PROGRESS = { bytesDone: 0, bytesTotal: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 };

/** One peer as its events draw it. */
export class PeerRow {
  readonly peer: number;
  /** It had the file when it was started. */
  readonly hadFile: boolean;
  readonly #linked = new Set<number>();
  #state: PeerState;
  #progress: Omit<PeerProgress, 'event' | 'peer' | 'piecesDone' | 'piecesTotal'> = NO_PROGRESS;
  #preferred: readonly number[] = [];
  #optimistic: number | null = null;
  #completed = false;

  constructor({ peer, here, host, hasFile }: PeerStarted) {
    this.peer = peer;
    this.hadFile = hasFile;
    this.#state = here ? { kind: 'starting' } : { kind: 'elsewhere', host };
  }

  get state(): PeerState {
    return this.#state;
  }
  get progress(): typeof NO_PROGRESS {
    return this.#progress;
  }
  get preferred(): readonly number[] {
    return this.#preferred;
  }
  get optimistic(): number | null {
    return this.#optimistic;
  }
  get isComplete(): boolean {
    return this.hadFile || this.#completed;
  }
  /** Of the file, in this run. */
  get bytesReceived(): number {
    return this.hadFile ? 0 : this.#progress.bytesDone;
  }

  take(event: Exclude<GroupEvent, PeerStarted>): void {
    switch (event.event) {
      case 'peer-listening':
        this.#state = this.#linkState();
        break;
      case 'peer-connected':
        this.#linked.add(event.with);
        this.#state = this.#linkState();
        break;
      case 'peer-disconnected':
        this.#linked.delete(event.with);
        this.#state = this.#linkState();
        break;
      case 'peer-preferred':
        this.#preferred = event.neighbors;
        break;
      case 'peer-optimistic':
        this.#optimistic = event.neighbor;
        break;
      case 'peer-progress':
        this.#progress = event;
        break;
      case 'peer-exited':
        this.#exit(event);
        break;
      case 'peer-complete':
        this.#completed = true;
        break;
      case 'peer-refused':
      case 'peer-note':
      case 'all-complete':
        break;
    }
  }

  #linkState(): PeerState {
    const neighbors = this.#linked.size;
    return neighbors === 0 ? { kind: 'alone' } : { kind: 'linked', neighbors };
  }

  #exit(event: PeerExited): void {
    if (event.message === null) this.#state = { kind: 'ended' };
    else this.#state = { kind: wasStopped(event) ? 'stopped' : 'gone' };
    this.#progress = { ...this.#progress, downBytesPerSecond: 0, upBytesPerSecond: 0 };
    this.#preferred = [];
    this.#optimistic = null;
  }
}
