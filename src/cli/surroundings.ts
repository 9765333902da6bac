import type { Surroundings } from '../diagnosis/gather-facts.ts';
import { dialBack } from '../node/dial-back.ts';
import { systemClock } from '../platform/clock.ts';
import { systemInterfaces } from '../platform/interfaces.ts';
import { systemRandom } from '../platform/random.ts';
import { systemDatagrams } from '../platform/system-datagram.ts';
import { tcpNetwork } from '../platform/tcp-network.ts';

/** The network of this machine. Loaded only where it is looked at. */
export const systemSurroundings: Surroundings = {
  clock: systemClock,
  random: systemRandom,
  datagrams: systemDatagrams,
  interfaceSource: systemInterfaces,
  dial: (node) => dialBack(tcpNetwork, systemClock, node),
};
