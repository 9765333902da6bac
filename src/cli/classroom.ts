import type { Probe } from '../classroom/probe/probe-api.ts';
import type { RunClassroomPeer } from '../classroom/run/classroom-peer-api.ts';
import type { ChildProcess, ChildProgram } from '../platform/child-process.ts';
import type { Network } from '../platform/network.ts';
import type { Random } from '../platform/random.ts';
import type { Machine } from '../platform/this-machine.ts';

/** What the commands of `lanshare peer` work with; tests hand in another one. */
export interface Classroom {
  readonly network: Network;
  readonly random: Random;
  readonly machine: Machine;
  readonly runPeer: RunClassroomPeer;
  readonly probe: Probe;
  /** Starts this very program with other arguments. */
  startLanshare(words: readonly string[], child: Omit<ChildProgram, 'program' | 'args'>): ChildProcess;
}
