export const SERVICE_TYPE = '_lanshare._tcp.local';
/** BEP 22 looks for it in the domain of a site; this is the link's (RFC 6763 section 4.1.2). */
export const TRACKER_SERVICE_TYPE = '_bittorrent-tracker._udp.local';

/**
 * RFC 6763 section 4.1: a name of one service, `Instance._lanshare._tcp.local`, and none of a sub-type.
 */
export function isInstanceOf(serviceType: string, name: string): boolean {
  const lower = name.toLowerCase();
  return lower.endsWith(`.${serviceType}`) && !lower.endsWith(`._sub.${serviceType}`);
}
