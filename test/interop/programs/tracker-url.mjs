export const DEFAULT_TRACKER_PORT = 6969;
/** Of a second one on the same host. */
export const OTHER_TRACKER_PORT = 6970;

/** What a .torrent names a tracker on this host by; `protocol` is http or udp. */
export function trackerUrl(protocol, host, port = DEFAULT_TRACKER_PORT) {
  return `${protocol}://${host.ipv4}:${port}/announce`;
}
