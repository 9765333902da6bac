import type { TrackerAnnouncement } from '../../discovery/mdns/tracker-announcer.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import type { InterfaceSource, NetworkInterface } from '../../platform/interfaces.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';

export interface AnnounceOnLanOptions {
  /** The address that the tracker listens on. Default: all. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly interfaceSource: InterfaceSource;
  /** For tests: other than the machine's. */
  readonly datagrams?: DatagramNetwork;
}

/**
 * Says by mDNS that a tracker is here, on the interfaces that it listens on, until the returned function is called. It
 * can do without: what is wrong with mDNS goes to the log.
 */
export async function announceOnLan(options: AnnounceOnLanOptions): Promise<() => Promise<void>> {
  const { logger, host, interfaceSource } = options;
  try {
    const { announceTracker } = await import('../../discovery/mdns/tracker-announcer.ts');
    const announcement: TrackerAnnouncement = await announceTracker({
      ...options,
      interfaceSource: host === undefined ? interfaceSource : () => interfaceSource().flatMap(onlyAt(host)),
    });
    for (const problem of announcement.problems()) logger.warn({ problem }, 'mDNS cannot be used somewhere');
    return () => announcement.close();
  } catch (error) {
    logger.warn({ error: String(error) }, 'the tracker is not announced by mDNS');
    return async () => {};
  }
}

const ALL_IPV4 = '0.0.0.0';

function onlyAt(host: string): (one: NetworkInterface) => readonly NetworkInterface[] {
  return (one) => {
    const addresses = one.addresses.filter(({ address, family }) =>
      host === ALL_IPV4 ? family === 'IPv4' : address === host,
    );
    return addresses.length === 0 ? [] : [{ ...one, addresses }];
  };
}
