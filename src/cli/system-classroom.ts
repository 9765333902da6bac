import { fileURLToPath } from 'node:url';
import { startChildProcess } from '../platform/child-process.ts';
import { systemRandom } from '../platform/random.ts';
import { tcpNetwork } from '../platform/tcp-network.ts';
import { thisMachine } from '../platform/this-machine.ts';
import type { Classroom } from './classroom.ts';

/** The network and the processes of this machine. Loaded only where they are needed. */
export const systemClassroom: Classroom = {
  network: tcpNetwork,
  random: systemRandom,
  machine: thisMachine,
  async runPeer(options) {
    const { runClassroomPeer } = await import('../classroom/run/run-classroom-peer.ts');
    return runClassroomPeer(options);
  },
  async probe(options) {
    const { probe } = await import('../classroom/probe/probe.ts');
    return probe(options);
  },
  startLanshare(words, child) {
    const main = fileURLToPath(new URL('./main.js', import.meta.url));
    return startChildProcess({ ...child, program: process.execPath, args: [main, ...words] });
  },
};
