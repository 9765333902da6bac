import type { GroupEvent, PeersEnded } from './group-events.ts';
import { PeerRow } from './peer-row.ts';

/** All peers of a project as their events draw them. */
export class GroupPicture {
  readonly #rows = new Map<number, PeerRow>();
  #firstLinkAt: number | undefined;
  #lastBytesAt: number | undefined;

  /** In the order of PeerInfo.cfg. */
  get rows(): readonly PeerRow[] {
    return [...this.#rows.values()];
  }

  /** @param now - Milliseconds. */
  take(event: GroupEvent, now: number): void {
    if (event.event === 'peer-started') {
      this.#rows.set(event.peer, new PeerRow(event));
      return;
    }
    const row = this.#rows.get(event.peer);
    if (row === undefined) return;
    const before = row.bytesReceived;
    row.take(event);
    if (event.event === 'peer-connected') this.#firstLinkAt ??= now;
    if (row.bytesReceived > before) this.#lastBytesAt = now;
  }

  /** What came of it. */
  summary(): Omit<PeersEnded, 'command'> {
    const here = this.rows.filter(({ state }) => state.kind !== 'elsewhere');
    const bytes = here.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
    const ms = Math.max(0, (this.#lastBytesAt ?? 0) - (this.#firstLinkAt ?? 0));
    return {
      event: 'peers-ended',
      complete: here.filter(({ isComplete }) => isComplete).map(({ peer }) => peer),
      incomplete: here.filter(({ isComplete }) => !isComplete).map(({ peer }) => peer),
      bytes,
      seconds: ms / 1_000,
      bytesPerSecond: ms === 0 ? 0 : Math.round((bytes / ms) * 1_000),
    };
  }
}
