import type { Classroom } from '../../src/cli/classroom.ts';
import type { ChildExit, ChildProcess, ChildProgram } from '../../src/platform/child-process.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A process that says and does what the test tells it. */
export class FakeChild implements ChildProcess {
  readonly words: readonly string[];
  readonly program: Omit<ChildProgram, 'program' | 'args'>;
  readonly exited: Promise<ChildExit>;
  readonly calls: string[] = [];
  #exit: (exit: ChildExit) => void = () => {};

  constructor(words: readonly string[], program: Omit<ChildProgram, 'program' | 'args'>) {
    this.words = words;
    this.program = program;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  get peer(): number {
    return Number(this.words[1]);
  }

  say(event: object): void {
    this.program.onLine(JSON.stringify(event));
  }

  exit(exit: ChildExit | number): void {
    this.#exit(typeof exit === 'number' ? { kind: 'exited', code: exit } : exit);
  }

  endInput(): void {
    this.calls.push('endInput');
  }

  kill(): void {
    this.calls.push('kill');
  }
}

export interface FakeClassroom extends Classroom {
  readonly children: FakeChild[];
  /** The child that is this peer. */
  child(peer: number): FakeChild;
}

export function fakeClassroom(own: Partial<Classroom> = {}): FakeClassroom {
  const children: FakeChild[] = [];
  return {
    network: new MemoryNetwork({ clock: new VirtualClock(), random: seededRandom(4) }).host('10.77.0.7'),
    random: seededRandom(3),
    machine: { hostName: 'lab7', addresses: () => ['10.77.0.7'], lookUp: async () => [] },
    runPeer: () => Promise.reject(new Error('no peer is run here')),
    probe: () => Promise.reject(new Error('nothing is probed here')),
    startLanshare(words, program) {
      const child = new FakeChild(words, program);
      children.push(child);
      return child;
    },
    ...own,
    children,
    child(peer) {
      const found = children.find((child) => child.peer === peer);
      if (found === undefined) throw new Error(`peer ${peer} was not started`);
      return found;
    },
  };
}

export const COMMON = `NumberOfPreferredNeighbors 2
UnchokingInterval 1
OptimisticUnchokingInterval 2
FileName thefile
FileSize 40000
PieceSize 16384
`;
export const PEER_INFO = '1001 localhost 6001 1\n1002 localhost 6002 0\n1003 lab8 6003 0\n';
