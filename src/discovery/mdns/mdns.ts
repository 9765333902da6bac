import type { Holding, PeerId } from '../../holdings/holding.ts';
import {
  BYE_REPEAT_MS,
  DATAGRAMS_PER_SOURCE_PER_SECOND,
  MDNS_QUERY_FIRST_REPEAT_MS,
  MDNS_QUERY_MAX_REPEAT_MS,
  MDNS_RESOLVES_PER_SECOND,
} from '../../limits.ts';
import { type Clock, sleep, type Timer } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { type InterfaceSource, systemInterfaces } from '../../platform/interfaces.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import { systemDatagrams } from '../../platform/system-datagram.ts';
import type { Discovery, DiscoveryReport, Query, Sighting } from '../discovery.ts';
import { DropCounter } from '../drop-counter.ts';
import { SourceLimiter } from '../source-limiter.ts';
import type { DnsQuestion } from './dns-record.ts';
import { loadMulticastDns, type MdnsFault } from './mdns-codec.ts';
import { MdnsLinks } from './mdns-links.ts';
import { Publisher } from './publisher.ts';
import { randomNames, SERVICE_TYPE, subtype } from './service-records.ts';

export interface MdnsOptions {
  readonly peerId: PeerId;
  /** The node's TCP port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Names of interfaces. Default: all. */
  readonly interfaces?: readonly string[] | undefined;
  heard(sighting: Sighting): void;
  /** A node was heard; what it holds may not all stand in its TXT record, but it can be asked by unicast. */
  nodeHeard?(endpoint: Endpoint): void;
  /** For tests: other than the machine's. */
  readonly datagrams?: DatagramNetwork;
  readonly interfaceSource?: InterfaceSource;
}

/**
 * Finds peers by mDNS and DNS-SD (RFC 6762, 6763), service type `_lanshare._tcp`, beside any other responder
 * on this machine. Resolves when the sockets are bound. Rejects with NO_USABLE_INTERFACE where a named
 * interface does not exist; all else is told by `describe`.
 */
export async function createMdns(options: MdnsOptions): Promise<Discovery> {
  return await Mdns.open(options);
}

type DropReason = MdnsFault | 'datagrams a second';
