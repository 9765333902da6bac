import { spawnSync } from 'node:child_process';
import type { Host } from './lab.mjs';

/** A cable of its own between two hosts, beside the LAN's. */
export interface NetworkOptions {
  /** The interface at both ends: `eth1`. */
  readonly name: string;
  /** `10.78.0`; the hosts have .1 and .2 there. */
  readonly subnet: string;
  /** Both directions, as tc writes it: `200mbit`. Default: none. */
  readonly rate?: string;
}

export function connect(first: Host, second: Host, { name, subnet, rate }: NetworkOptions): void {
  ip(first, `link add ${name} type veth peer name ${name} netns ${second.namespace}`);
  for (const [at, host] of [first, second].entries()) {
    ip(host, `link set ${name} up`);
    ip(host, `addr add ${subnet}.${at + 1}/24 brd + dev ${name}`);
    if (rate !== undefined) limit(host, name, rate);
  }
}

/** Pulls the cable out of this interface. */
export function unplug(host: Host, name: string): void {
  ip(host, `link set ${name} down`);
}

/** A bridge that no cable leads to, as Docker makes it on every host with the same address. */
export function addContainerBridge(host: Host): void {
  ip(host, 'link add docker0 type bridge');
  ip(host, 'addr add 172.17.0.1/16 brd + dev docker0');
  ip(host, 'link set docker0 up');
  // It counts as running only with a container on it.
  ip(host, 'link add veth0 type veth peer name container0');
  ip(host, 'link set veth0 master docker0 up');
  ip(host, 'link set container0 up');
}

/** iproute2 in the host's namespace; throws with its complaint. */
export function ip(host: Host, words: string): void {
  command('ip', ['-n', host.namespace, ...words.split(' ')]);
}

/** As on every real interface: an IPv6 address is silent in its first seconds (RFC 4862 section 5.4). */
export function checkNewAddresses(host: Host, name: string): void {
  const setting = `echo 1 > /proc/sys/net/ipv6/conf/${name}/accept_dad`;
  command('ip', ['netns', 'exec', host.namespace, 'sh', '-c', setting]);
}

/** Bytes that left the host by this interface. */
export async function sentBy(host: Host, name: string): Promise<number> {
  const { stdout } = await host.run(['ip', '-s', '-j', 'link', 'show', 'dev', name]);
  const [link] = JSON.parse(stdout) as { readonly stats64: { readonly tx: { readonly bytes: number } } }[];
  return link?.stats64.tx.bytes ?? 0;
}

function limit(host: Host, name: string, rate: string): void {
  const shape = `qdisc replace dev ${name} root tbf rate ${rate} burst 128kb latency 30ms`;
  command('ip', ['netns', 'exec', host.namespace, 'tc', ...shape.split(' ')]);
}

function command(program: string, words: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr.trim()}`);
}
