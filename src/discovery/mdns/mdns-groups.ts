import { MDNS_GROUP_IPV4, MDNS_GROUP_IPV6, MDNS_PORT } from '../../limits.ts';
import type { Groups } from '../group-links.ts';

/**
 * RFC 6762 section 11. Nothing here asks for answers by unicast: another responder on this machine may have the
 * socket that gets them (section 15.1).
 */
export const MDNS_GROUPS: Groups = {
  port: MDNS_PORT,
  IPv4: MDNS_GROUP_IPV4,
  IPv6: MDNS_GROUP_IPV6,
  ttl: 255,
};
