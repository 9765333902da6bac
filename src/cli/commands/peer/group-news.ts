import { type FailedPeer, faultOfExit, type ToldFault } from '../../../classroom/all/group-fault.ts';
import type { ListedPeer, ListedPeerId } from '../../../classroom/config/project.ts';
import type { ChildExit } from '../../../platform/child-process.ts';
import type { GroupEvent } from '../../output/classroom/group-events.ts';
import { parsePeerLine } from './peer-line.ts';

/** What the processes of `--all` say, as one stream of events. */
export class GroupNews {
  readonly #tell: (event: GroupEvent) => void;
  readonly #told = new Map<ListedPeerId, ToldFault>();
  readonly #failed: FailedPeer[] = [];

  constructor(tell: (event: GroupEvent) => void) {
    this.#tell = tell;
  }

  /** In the order in which they ended. */
  get failed(): readonly FailedPeer[] {
    return this.#failed;
  }

  introduce({ id, host, port, hasFile }: ListedPeer, here: boolean): void {
    this.#tell({ event: 'peer-started', peer: id, host, port, here, hasFile });
  }

  /** A line of its standard output. */
  line(peer: ListedPeerId, text: string): void {
    const line = parsePeerLine(text);
    if (line.kind === 'event') this.#tell(line.event);
    if (line.kind === 'failure') this.#told.set(peer, line.fault);
  }

  note(peer: ListedPeerId, message: string): void {
    this.#tell({ event: 'peer-note', peer, message });
  }

  exited(peer: ListedPeerId, exit: ChildExit): void {
    const fault = faultOfExit(peer, exit, this.#told.get(peer));
    if (fault !== undefined) this.#failed.push({ peer, fault });
    this.#tell({
      event: 'peer-exited',
      peer,
      exitCode: exit.kind === 'exited' ? exit.code : null,
      code: fault?.code ?? null,
      message: fault?.message ?? null,
      hint: fault?.hint ?? '',
    });
  }
}
