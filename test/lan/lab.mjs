/**
 * A LAN on one Linux machine: hosts in network namespaces, joined by a bridge in a namespace of its own.
 * Host I has 10.77.0.I/24 and fd77::I/64 on eth0. Needs root, iproute2 and nftables; types stand in lab.d.mts.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { run, start } from './running.mjs';

const NAMES = 'lanshare-lab';
const NAMESPACES_FOLDER = '/run/netns';
/** What a rate limit may let through at once; a few times the largest segment the kernel hands over. */
const BURST = '128kb';
const QUEUE = '30ms';
/** Longest wait for killed processes to be gone. */
const KILL_TIMEOUT_MS = 5_000;

/** Why no LAN can be made on this machine, in words; undefined where it can. */
export function canMakeLan() {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid() !== 0) return 'making network namespaces needs root';
  for (const program of ['ip', 'tc', 'nft']) {
    if (spawnSync(program, ['-V']).error !== undefined) return `the program '${program}' is not installed`;
  }
  const probe = `${newPrefix()}-probe`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' });
  if (status !== 0) return `this system refuses network namespaces: ${stderr.trim()}`;
  removeNamespace(probe);
  return undefined;
}

/** Builds a LAN; close() it whatever happens. What a killed process left behind is removed first. */
export function makeLan({ hosts: count, rate, lossPercent, families = ['ipv4', 'ipv6'] }) {
  removeAbandoned();
  const prefix = newPrefix();
  const bridge = `${prefix}-switch`;
  const lan = new Lan(bridge);
  closeWhenKilled();
  try {
    makeNamespace(bridge);
    ip(`-n ${bridge} link add br0 type bridge mcast_snooping 0`);
    ip(`-n ${bridge} link set br0 up`);
    for (let number = 1; number <= count; number++) {
      const host = new Host(number, `${prefix}-h${number}`, bridge, families);
      lan.hosts.push(host);
      host.build();
      if (rate !== undefined) host.limitRate(rate);
      if (lossPercent !== undefined) host.loseIncoming(lossPercent);
    }
  } catch (error) {
    lan.close();
    throw error;
  }
  return lan;
}

class Lan {
  hosts = [];
  #bridge;

  constructor(bridge) {
    this.#bridge = bridge;
    openLans.add(this);
  }

  /** The host with 10.77.0.`number`. */
  host(number) {
    const host = this.hosts[number - 1];
    if (host === undefined) throw new Error(`this LAN has no host ${number}`);
    return host;
  }

  /** Kills what runs on the hosts and removes them. Synchronous, so that it also works while the process exits. */
  close() {
    openLans.delete(this);
    for (const host of this.hosts) removeNamespace(host.namespace);
    removeNamespace(this.#bridge);
    this.hosts = [];
  }
}

class Host {
  #bridge;
  #families;

  constructor(number, namespace, bridge, families) {
    this.number = number;
    this.namespace = namespace;
    this.ipv4 = `10.77.0.${number}`;
    this.ipv6 = `fd77::${number}`;
    this.#bridge = bridge;
    this.#families = families;
  }

  get #port() {
    return `p${this.number}`;
  }

  build() {
    makeNamespace(this.namespace);
    // Duplicate address detection would keep IPv6 silent for the first seconds.
    this.#setting('net/ipv6/conf/default/accept_dad', 0);
    ip(`-n ${this.namespace} link add eth0 type veth peer name ${this.#port} netns ${this.#bridge}`);
    if (!this.#families.includes('ipv6')) this.#setting('net/ipv6/conf/all/disable_ipv6', 1);
    ip(`-n ${this.#bridge} link set ${this.#port} master br0 up`);
    this.plugIn();
  }

  run(argv, options) {
    return run(this.#inside(argv), options);
  }

  start(argv, options) {
    return start(this.#inside(argv), options);
  }

  /** Drops multicast and broadcast in both directions, as guest networks do; IPv6 still finds its neighbours. */
  mute() {
    const rules = `ip daddr { 224.0.0.0/4, 255.255.255.255, 10.77.0.255 } drop
      ip6 daddr ff00::/8 meta l4proto udp drop`;
    this.#filter(`table inet mute {
      chain in { type filter hook input priority 0; ${rules}
      }
      chain out { type filter hook output priority 0; ${rules}
      }
    }`);
  }

  unmute() {
    this.#filter('delete table inet mute');
  }

  /** Drops so many of a hundred incoming packets at random. */
  loseIncoming(percent) {
    this.#filter(`table inet loss {
      chain in { type filter hook input priority 0; iifname "eth0" numgen random mod 100 < ${percent} drop
      }
    }`);
  }

  /** Both directions, as tc writes it: `200mbit`. */
  limitRate(rate) {
    const shape = `root tbf rate ${rate} burst ${BURST} latency ${QUEUE}`;
    command(`ip netns exec ${this.namespace} tc qdisc replace dev eth0 ${shape}`);
    command(`ip netns exec ${this.#bridge} tc qdisc replace dev ${this.#port} ${shape}`);
  }

  liftRateLimit() {
    command(`ip netns exec ${this.namespace} tc qdisc del dev eth0 root`);
    command(`ip netns exec ${this.#bridge} tc qdisc del dev ${this.#port} root`);
  }

  /** All processes end without a word and the cable is out, until plugIn(). */
  powerOff() {
    killInside(this.namespace);
    this.unplug();
  }

  /** Pulls the cable. */
  unplug() {
    ip(`-n ${this.namespace} link set eth0 down`);
  }

  plugIn() {
    ip(`-n ${this.namespace} link set eth0 up`);
    if (this.#families.includes('ipv4')) {
      ip(`-n ${this.namespace} addr replace ${this.ipv4}/24 brd + dev eth0`);
      ip(`-n ${this.namespace} route replace default via 10.77.0.254`);
    }
    // IPv6 addresses are lost with the link.
    if (this.#families.includes('ipv6'))
      ip(`-n ${this.namespace} addr replace ${this.ipv6}/64 dev eth0 nodad`);
  }

  /** Leaves nothing but the loopback interface. */
  removeEthernet() {
    ip(`-n ${this.namespace} link del eth0`);
  }

  /** Bytes that left it on the wire, all protocols and headers counted. */
  sentBytes() {
    const link = JSON.parse(ip(`-n ${this.namespace} -s -j link show dev eth0`));
    return link[0].stats64.tx.bytes;
  }

  #inside(argv) {
    // `ip netns exec` becomes the program: its process ID and signals are the program's own.
    return ['ip', 'netns', 'exec', this.namespace, ...argv];
  }

  #filter(rules) {
    command(`ip netns exec ${this.namespace} nft -f -`, rules);
  }

  #setting(path, value) {
    // Absent where the kernel has no IPv6 at all; the address then says so.
    command(`ip netns exec ${this.namespace} sh -c`, undefined, [
      `[ ! -e /proc/sys/${path} ] || echo ${value} > /proc/sys/${path}`,
    ]);
  }
}

const openLans = new Set();
let closesWhenKilled = false;

function closeWhenKilled() {
  if (closesWhenKilled) return;
  closesWhenKilled = true;
  const closeAll = () => {
    for (const lan of openLans) lan.close();
  };
  process.once('exit', closeAll);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () => process.exit(code));
  }
}

function newPrefix() {
  return `${NAMES}-${process.pid}-${randomBytes(2).toString('hex')}`;
}

function makeNamespace(name) {
  ip(`netns add ${name}`);
  ip(`-n ${name} link set lo up`);
}

function removeNamespace(name) {
  if (!existsSync(`${NAMESPACES_FOLDER}/${name}`)) return;
  killInside(name);
  ip(`netns del ${name}`);
}

function killInside(namespace) {
  const deadline = performance.now() + KILL_TIMEOUT_MS;
  for (;;) {
    const pids = processesInside(namespace);
    if (pids.length === 0) return;
    if (performance.now() > deadline) throw new Error(`processes ${pids} in ${namespace} do not end`);
    for (const pid of pids) kill(pid);
    pause(5);
  }
}

/** Without zombies: a killed child of ours stays one until our event loop runs again. */
function processesInside(namespace) {
  return ip(`netns pids ${namespace}`).split('\n').filter(Boolean).map(Number).filter(isRunning);
}

function isRunning(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** LANs of processes that are gone without having closed them. */
function removeAbandoned() {
  if (!existsSync(NAMESPACES_FOLDER)) return;
  for (const name of readdirSync(NAMESPACES_FOLDER)) {
    const owner = new RegExp(`^${NAMES}-(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    try {
      removeNamespace(name);
    } catch {
      // Another process removes it at the same time.
    }
  }
}

function ip(words) {
  return command(`ip ${words}`);
}

/** Runs to its end at once; throws with its complaint. */
function command(words, input, lastArguments = []) {
  const [program, ...args] = words.split(' ').concat(lastArguments);
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${words}: ${stderr.trim()}`);
  return stdout;
}

function pause(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
