import { networkInterfaces } from 'node:os';
import { LanshareError } from '../errors.ts';
import { INTERFACE_POLL_MS, INTERFACE_REREAD_MS } from '../limits.ts';
import { type Clock, repeat } from './clock.ts';
import { tentativeAddresses } from './tentative-addresses.ts';

/** A network interface as the system has it now. */
export interface NetworkInterface {
  readonly name: string;
  /** The system's number of it, where an IPv6 link-local address tells it. */
  readonly index: number | undefined;
  readonly kind: InterfaceKind;
  readonly addresses: readonly InterfaceAddress[];
}

export type InterfaceKind = 'lan' | 'loopback' | 'tunnel' | 'container bridge';

export type InterfaceAddress =
  | {
      readonly family: 'IPv4';
      readonly address: string;
      /** Bits of the network part. */
      readonly prefixLength: number;
      /** The subnet's broadcast address; undefined where the subnet is too small to have one. */
      readonly broadcast: string | undefined;
    }
  | {
      readonly family: 'IPv6';
      readonly address: string;
      readonly prefixLength: number;
      /** The interface's number for a link-local address, 0 for any other. */
      readonly scopeId: number;
    };

/**
 * Interfaces that are up and have an address that can be used; those of a LAN first, container bridges last. As they
 * were at most INTERFACE_REREAD_MS ago: several parts of a node ask, each at its own pace.
 */
export function systemInterfaces(): readonly NetworkInterface[] {
  const now = performance.now();
  if (latest === undefined || now - latest.readAt >= INTERFACE_REREAD_MS) latest = read(now, latest);
  return latest.interfaces;
}

interface Reading {
  readonly readAt: number;
  /** What Node returned, as JSON. */
  readonly system: string;
  /** Addresses that cannot be used yet are among it. */
  readonly unsettled: boolean;
  readonly interfaces: readonly NetworkInterface[];
}

let latest: Reading | undefined;

/** Where nothing has changed the result is the same array; idle nodes do little else than to ask this. */
function read(readAt: number, before: Reading | undefined): Reading {
  let found: ReturnType<typeof networkInterfaces>;
  try {
    found = networkInterfaces();
  } catch (error) {
    // It takes a file descriptor, and strangers who connect may have taken the last one for a while.
    if (before === undefined) throw error;
    return { ...before, readAt };
  }
  const system = JSON.stringify(found);
  if (before?.system === system && !before.unsettled) return { ...before, readAt };
  const unusable = tentativeAddresses();
  return { readAt, system, unsettled: unusable.size > 0, interfaces: readInterfaces(found, unusable) };
}

/** As `systemInterfaces`, from what Node's `os.networkInterfaces()` returned, without `unusable` ones. */
export function readInterfaces(
  system: ReturnType<typeof networkInterfaces>,
  unusable: ReadonlySet<string> = new Set(),
): readonly NetworkInterface[] {
  const interfaces: NetworkInterface[] = [];
  for (const [name, all = []] of Object.entries(system)) {
    const infos = all.filter(({ address }) => !unusable.has(`${address}%${name}`));
    const addresses = infos.flatMap((info) => readAddress(info) ?? []);
    if (addresses.length === 0) continue;
    const index = infos.map((info) => info.scopeid).find((scopeId) => scopeId !== undefined && scopeId > 0);
    interfaces.push({ name, index, kind: kindOf(name, infos), addresses });
  }
  return interfaces.sort((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));
}

/** What has no hardware address is a tunnel, whatever its name. */
function kindOf(name: string, infos: readonly SystemAddress[]): InterfaceKind {
  if (infos.some((info) => info.internal)) return 'loopback';
  return infos.every(({ mac }) => mac === NO_MAC) ? 'tunnel' : kindByName(name);
}

const NO_MAC = '00:00:00:00:00:00';

const KIND_ORDER: readonly InterfaceKind[] = ['lan', 'loopback', 'tunnel', 'container bridge'];

type SystemAddress = NonNullable<ReturnType<typeof networkInterfaces>[string]>[number];

function readAddress(info: SystemAddress): InterfaceAddress | undefined {
  const prefixLength = Number(info.cidr?.split('/')[1]);
  if (!Number.isInteger(prefixLength)) return undefined;
  const { address } = info;
  if (info.family === 'IPv6') return { family: 'IPv6', address, prefixLength, scopeId: info.scopeid };
  return { family: 'IPv4', address, prefixLength, broadcast: broadcastAddress(address, prefixLength) };
}

/** RFC 919; none for point-to-point links (RFC 3021) and single hosts. */
function broadcastAddress(address: string, prefixLength: number): string | undefined {
  if (prefixLength > 30) return undefined;
  const hostBits = 2 ** (32 - prefixLength) - 1;
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const last = (number | hostBits) >>> 0;
  return [last >>> 24, (last >>> 16) & 255, (last >>> 8) & 255, last & 255].join('.');
}

/**
 * The system does not say what an interface is for; its name mostly does. Docker, Podman, LXC, libvirt,
 * VMware, VirtualBox, Hyper-V and Kubernetes on one side; tun/tap, WireGuard, Tailscale, ZeroTier, PPP,
 * IPsec and the VPN clients on the other.
 */
function kindByName(name: string): InterfaceKind {
  if (
    /^(docker|br-[0-9a-f]{6}|veth|virbr|vmnet|vboxnet|vethernet|cni|flannel|cali|lxc|lxd|podman|kube)/i.test(
      name,
    )
  )
    return 'container bridge';
  if (/^(tun|tap|utun|wg|tailscale|zt|ppp|ipsec|gre|sit|nordlynx|proton|mullvad|vpn)/i.test(name))
    return 'tunnel';
  return 'lan';
}

/** The interfaces named, or all without names. Throws NO_USABLE_INTERFACE where one does not exist. */
export function selectInterfaces(
  all: readonly NetworkInterface[],
  names: readonly string[] | undefined,
): readonly NetworkInterface[] {
  if (names === undefined || names.length === 0) return all;
  const missing = names.find((name) => !all.some((candidate) => candidate.name === name));
  if (missing !== undefined) {
    throw new LanshareError(
      'NO_USABLE_INTERFACE',
      `there is no network interface ${missing} with an address`,
      `these exist: ${all.map(({ name }) => name).join(', ') || 'none'}`,
    );
  }
  return all.filter(({ name }) => names.includes(name));
}

/** Where the interfaces come from; a test hands in its own. */
export type InterfaceSource = () => readonly NetworkInterface[];

export interface InterfaceWatcher {
  cancel(): void;
}

type OnChange = (interfaces: readonly NetworkInterface[]) => void;

/**
 * Calls `onChange` with all interfaces whenever an interface or address appeared, vanished or changed.
 * Polls every INTERFACE_POLL_MS: Node has no way to be told. All that watch the same source share one timer.
 */
export function watchInterfaces(
  clock: Clock,
  onChange: OnChange,
  source: InterfaceSource = systemInterfaces,
): InterfaceWatcher {
  const watches = watchesOf.get(clock) ?? new Map<InterfaceSource, Watch>();
  watchesOf.set(clock, watches);
  const watch = watches.get(source) ?? startWatch(clock, source);
  watches.set(source, watch);
  const listener: OnChange = (interfaces) => onChange(interfaces);
  watch.listeners.add(listener);
  return {
    cancel() {
      if (!watch.listeners.delete(listener) || watch.listeners.size > 0) return;
      watch.timer.cancel();
      watches.delete(source);
    },
  };
}

interface Watch {
  readonly listeners: Set<OnChange>;
  readonly timer: InterfaceWatcher;
}

const watchesOf = new WeakMap<Clock, Map<InterfaceSource, Watch>>();

function startWatch(clock: Clock, source: InterfaceSource): Watch {
  const listeners = new Set<OnChange>();
  let latest = source();
  let known = fingerprint(latest);
  const timer = repeat(clock, INTERFACE_POLL_MS, () => {
    const interfaces = source();
    if (interfaces === latest) return;
    latest = interfaces;
    const seen = fingerprint(interfaces);
    if (seen === known) return;
    known = seen;
    for (const listener of [...listeners]) listener(interfaces);
  });
  return { listeners, timer };
}

function fingerprint(interfaces: readonly NetworkInterface[]): string {
  return interfaces
    .map(({ name, index, addresses }) => `${name} ${index} ${addresses.map(addressKey).sort().join(' ')}`)
    .sort()
    .join('\n');
}

function addressKey(address: InterfaceAddress): string {
  return `${address.address}/${address.prefixLength}`;
}

/** `eth0 (10.77.0.2, fd77::2)`; link-local addresses only where there is no other. */
export function describeInterface({ name, addresses }: NetworkInterface): string {
  const routable = addresses.filter((address) => !isLinkLocal(address));
  const shown = routable.length > 0 ? routable : addresses;
  return `${name} (${shown.map(({ address }) => address).join(', ')})`;
}

/** An IPv6 address with the scope its use needs: `fe80::1%eth0`, `fd77::2`. */
export function scopedAddress(address: InterfaceAddress, interfaceName: string): string {
  return address.family === 'IPv6' && isLinkLocal(address)
    ? `${address.address}%${interfaceName}`
    : address.address;
}

export function isLinkLocal({ family, address }: InterfaceAddress): boolean {
  return family === 'IPv6' ? /^fe[89ab]/i.test(address) : address.startsWith('169.254.');
}
