import { linkOf } from '../discovery/local-address.ts';
import { INTERFACE_POLL_MS } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import type { InterfaceKind, InterfaceSource, NetworkInterface } from '../platform/interfaces.ts';
import type { Route, RouteOf } from '../transfer/route.ts';

/** Where each kind of interface stands among a peer's addresses; beyond a router: after the LANs. */
const PREFERENCE: Readonly<Record<InterfaceKind | 'link-local' | 'beyond a router', number>> = {
  loopback: 0,
  lan: 1,
  'link-local': 2,
  'beyond a router': 3,
  tunnel: 4,
  'container bridge': 5,
};

/** How this host reaches an address, by the interfaces as they were at most INTERFACE_POLL_MS ago. */
export function routesBy(source: InterfaceSource, clock: Clock): RouteOf {
  let interfaces = source();
  let readAt = clock.now();
  return ({ host }) => {
    if (clock.now() - readAt > INTERFACE_POLL_MS) {
      interfaces = source();
      readAt = clock.now();
    }
    return routeTo(host, interfaces);
  };
}

export function routeTo(host: string, interfaces: readonly NetworkInterface[]): Route {
  // Our own host, whichever of its addresses was heard: nothing leaves it.
  const [address = ''] = host.split('%');
  if (ownAddresses(interfaces).has(address)) return elsewhere('loopback');
  const link = linkOf(host, interfaces);
  if (link === undefined) return elsewhere('beyond a router');
  if (link.kind !== 'lan') return elsewhere(link.kind);
  const preference = isLinkLocalHost(host) ? PREFERENCE['link-local'] : PREFERENCE.lan;
  return { preference, lan: link.name, lastResort: false };
}

function elsewhere(kind: Exclude<keyof typeof PREFERENCE, 'lan' | 'link-local'>): Route {
  const lastResort = kind === 'tunnel' || kind === 'container bridge';
  return { preference: PREFERENCE[kind], lan: undefined, lastResort };
}

/** All addresses of this host, without scopes. */
export function ownAddresses(interfaces: readonly NetworkInterface[]): ReadonlySet<string> {
  return new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
}

/** RFC 4291 section 2.5.6, RFC 3927: it says nothing about which network it is. */
function isLinkLocalHost(host: string): boolean {
  return /^fe[89ab]/i.test(host) || host.startsWith('169.254.');
}
