import { afterEach, describe, expect, it } from 'vitest';
import type { DatagramNetwork, DatagramOptions, DatagramSocket } from '../../src/platform/datagram.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { systemInterfaces } from '../../src/platform/interfaces.ts';
import { systemDatagrams } from '../../src/platform/system-datagram.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { VirtualLan } from '../support/virtual-lan.ts';

/** A machine's UDP under test. Only its loopback interface is used. */
interface Machine {
  readonly network: DatagramNetwork;
  /** Time for what is on its way to arrive, and a bit more. */
  settle(): Promise<void>;
}

const machines: readonly (readonly [string, () => Machine])[] = [
  ['the UDP of this machine', systemMachine],
  ['the UDP of a virtual host', virtualMachine],
];

const LOOPBACK = '127.0.0.1';
const SUBNET_BROADCAST = '127.255.255.255';
/** Administratively scoped (RFC 2365), and not the beacon's. */
const GROUP = '239.255.200.77';
/** TEST-NET-3 (RFC 5737): nobody's address. */
const NOWHERE = '203.0.113.9';
const hasIpv6 = systemInterfaces().some(({ addresses }) =>
  addresses.some(({ address }) => address === '::1'),
);

describe.each(machines)('%s', (_, make) => {
  const opened: DatagramSocket[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((socket) => socket.close()));
  });

  async function open(machine: Machine, options: Partial<DatagramOptions> = {}): Promise<Socket> {
    const heard: Heard[] = [];
    const failedTo: (Endpoint | undefined)[] = [];
    const all = { family: 'IPv4', address: LOOPBACK, port: 0, shared: false, ...options } as const;
    const socket = await machine.network.open(all, {
      onDatagram: (bytes, from) => heard.push({ text: Buffer.from(bytes).toString(), from }),
      onError: (_error, to) => failedTo.push(to),
    });
    opened.push(socket);
    return { socket, heard, failedTo, send: (text, to) => socket.send(Buffer.from(text), to) };
  }

  /** A port that sockets may share, with two of them on it. */
  async function openShared(machine: Machine, address = '0.0.0.0'): Promise<readonly [Socket, Socket]> {
    const first = await open(machine, { address, shared: true });
    return [first, await open(machine, { address, shared: true, port: first.socket.local.port })];
  }

  describe('carries', () => {
    it('a datagram, with the address that it came from', async () => {
      const machine = make();
      const [to, from] = [await open(machine), await open(machine)];
      from.send('hello', to.socket.local);
      await machine.settle();
      expect(to.heard).toEqual([{ text: 'hello', from: from.socket.local }]);
      expect(from.heard).toEqual([]);
      to.send('back', from.socket.local);
      await machine.settle();
      expect(from.heard).toEqual([{ text: 'back', from: to.socket.local }]);
    });

    it.skipIf(!hasIpv6)('IPv6, too', async () => {
      const machine = make();
      const options = { family: 'IPv6', address: '::1' } as const;
      const [to, from] = [await open(machine, options), await open(machine, options)];
      from.send('hello', to.socket.local);
      await machine.settle();
      expect(to.heard).toEqual([{ text: 'hello', from: { host: '::1', port: from.socket.local.port } }]);
    });

    it.skipIf(!hasIpv6)('each family by its own socket, on one port', async () => {
      const machine = make();
      const ipv4 = await open(machine, { address: '0.0.0.0' });
      const { port } = ipv4.socket.local;
      const ipv6 = await open(machine, { family: 'IPv6', address: '::', port });
      (await open(machine)).send('4', { host: LOOPBACK, port });
      (await open(machine, { family: 'IPv6', address: '::1' })).send('6', { host: '::1', port });
      await machine.settle();
      expect([ipv4, ipv6].map(({ heard }) => heard.map(({ text }) => text))).toEqual([['4'], ['6']]);
    });

    it('what was in the bytes when they were sent, also an empty datagram', async () => {
      const machine = make();
      const [to, from] = [await open(machine), await open(machine)];
      const bytes = Buffer.from('before');
      from.socket.send(bytes, to.socket.local);
      bytes.fill('x');
      from.send('', to.socket.local);
      await machine.settle();
      expect(to.heard.map(({ text }) => text)).toEqual(['before', '']);
    });

    it('what was sent right before the socket was closed', async () => {
      const machine = make();
      const [to, from] = [await open(machine), await open(machine)];
      from.send('bye', to.socket.local);
      await from.socket.close();
      await machine.settle();
      expect(to.heard.map(({ text }) => text)).toEqual(['bye']);
    });

    it('a broadcast, to every socket on any address of that port', async () => {
      const machine = make();
      const [first, second] = await openShared(machine);
      const from = await open(machine);
      from.send('all', { host: SUBNET_BROADCAST, port: first.socket.local.port });
      await machine.settle();
      for (const { heard } of [first, second])
        expect(heard).toEqual([{ text: 'all', from: from.socket.local }]);
    });

    it('nothing to an address that is none, tells which, and goes on', async () => {
      const machine = make();
      const [to, from] = [await open(machine), await open(machine)];
      const nowhere = { host: 'no address', port: 9 };
      from.send('lost', nowhere);
      await machine.settle();
      expect(from.failedTo).toEqual([nowhere]);
      from.send('found', to.socket.local);
      await machine.settle();
      expect(to.heard.map(({ text }) => text)).toEqual(['found']);
    });
  });

  describe('gives a port', () => {
    it('to one socket only, until that is closed', async () => {
      const machine = make();
      const { socket } = await open(machine);
      const { host, port } = socket.local;
      expect([host, port > 0]).toEqual([LOOPBACK, true]);
      const inUse = { code: 'EADDRINUSE' };
      await expect(open(machine, { port })).rejects.toMatchObject(inUse);
      await expect(open(machine, { port, shared: true })).rejects.toMatchObject(inUse);
      await expect(open(machine, { port, address: '0.0.0.0' })).rejects.toMatchObject(inUse);
      await socket.close();
      expect((await open(machine, { port })).socket.local.port).toBe(port);
    });

    it('to several that share it, of which one gets what comes by unicast', async () => {
      const machine = make();
      const both = await openShared(machine);
      const { port } = both[0].socket.local;
      await expect(open(machine, { port, address: '0.0.0.0' })).rejects.toMatchObject({ code: 'EADDRINUSE' });
      (await open(machine)).send('one of you', { host: LOOPBACK, port });
      await machine.settle();
      expect(both.flatMap(({ heard }) => heard)).toHaveLength(1);
    });

    it('of its own choice, another one each time', async () => {
      const machine = make();
      const ports = [await open(machine), await open(machine), await open(machine)].map(portOf);
      expect(new Set(ports).size).toBe(3);
    });

    it('on its own addresses only', async () => {
      const machine = make();
      await expect(open(machine, { address: NOWHERE })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    });
  });

  describe('carries multicast', () => {
    it('to every member of the group, and to nobody once they have left', async () => {
      const machine = make();
      const members = await openShared(machine);
      const sender = await open(machine, { multicastInterface: LOOPBACK, multicastTtl: 1 });
      const group = { host: GROUP, port: portOf(members[0]) };
      const texts = (): string[][] => members.map(({ heard }) => heard.map(({ text }) => text));

      sender.send('early', group);
      await machine.settle();
      expect(texts()).toEqual([[], []]);

      for (const { socket } of members) socket.join(GROUP, LOOPBACK);
      sender.send('all', group);
      await machine.settle();
      expect(members.map(({ heard }) => heard)).toEqual([
        [{ text: 'all', from: sender.socket.local }],
        [{ text: 'all', from: sender.socket.local }],
      ]);

      for (const { socket } of members) socket.leave(GROUP, LOOPBACK);
      sender.send('late', group);
      await machine.settle();
      expect(texts()).toEqual([['all'], ['all']]);
    });

    // Windows binds to no group.
    it.skipIf(process.platform === 'win32')(
      'of its group only to a socket that is bound to a group',
      async () => {
        const machine = make();
        const member = await open(machine, { address: GROUP, shared: true });
        member.socket.join(GROUP, LOOPBACK);
        const port = portOf(member);
        const sender = await open(machine, { multicastInterface: LOOPBACK });
        for (const host of [LOOPBACK, SUBNET_BROADCAST, '239.255.200.78', GROUP])
          sender.send(host, { host, port });
        await machine.settle();
        expect(member.heard.map(({ text }) => text)).toEqual([GROUP]);
      },
    );

    it('no longer to a group whose members have closed', async () => {
      const machine = make();
      const [member, other] = await openShared(machine);
      member.socket.join(GROUP, LOOPBACK);
      await member.socket.close();
      const sender = await open(machine, { multicastInterface: LOOPBACK });
      sender.send('late', { host: GROUP, port: portOf(other) });
      await machine.settle();
      expect([member.heard, other.heard]).toEqual([[], []]);
    });

    it('once to whoever joined twice; leaving twice is no error, either', async () => {
      const machine = make();
      const { socket, heard } = await open(machine, { address: '0.0.0.0' });
      for (let times = 0; times < 2; times++) socket.join(GROUP, LOOPBACK);
      const sender = await open(machine, { multicastInterface: LOOPBACK });
      sender.send('once', { host: GROUP, port: socket.local.port });
      await machine.settle();
      expect(heard).toHaveLength(1);
      for (let times = 0; times < 2; times++) socket.leave(GROUP, LOOPBACK);
      socket.leave(GROUP, NOWHERE);
    });

    it('on its own interfaces only', async () => {
      const machine = make();
      const { socket } = await open(machine, { address: '0.0.0.0' });
      expect(() => socket.join(GROUP, NOWHERE)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    });
  });

  it('neither hears nor says anything by a socket that is closed, however often', async () => {
    const machine = make();
    const [closed, other] = [await open(machine), await open(machine)];
    await closed.socket.close();
    await closed.socket.close();
    closed.send('x', other.socket.local);
    closed.send('x', { host: 'no address', port: 9 });
    other.send('x', closed.socket.local);
    await machine.settle();
    expect([closed.heard, closed.failedTo, other.heard]).toEqual([[], [], []]);
  });

  it('knows the addresses of names, and takes an address for what it is', async () => {
    const { network } = make();
    for (const address of ['10.1.2.3', 'fd77::1', 'fe80::1%eth0'])
      expect(await network.resolve(address)).toEqual([address]);
    expect(await network.resolve('localhost')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
    );
  });
});

interface Heard {
  readonly text: string;
  readonly from: Endpoint;
}

interface Socket {
  readonly socket: DatagramSocket;
  readonly heard: readonly Heard[];
  readonly failedTo: readonly (Endpoint | undefined)[];
  send(text: string, to: Endpoint): void;
}

function portOf({ socket }: Socket): number {
  return socket.local.port;
}

function virtualMachine(): Machine {
  const clock = new VirtualClock();
  const network = new VirtualLan(clock, seededRandom(1)).host({});
  network.names.set('localhost', LOOPBACK);
  return { network, settle: () => clock.advance(10) };
}

function systemMachine(): Machine {
  return {
    network: systemDatagrams,
    // The loopback interface keeps the order: what was sent before has arrived when these marks have.
    async settle() {
      for (let mark = 0; mark < 3; mark++) await sendToOneself();
    },
  };
}

async function sendToOneself(): Promise<void> {
  let arrived = false;
  const options = { family: 'IPv4', address: LOOPBACK, port: 0, shared: false } as const;
  const onDatagram = (): void => {
    arrived = true;
  };
  const socket = await systemDatagrams.open(options, { onDatagram, onError: () => {} });
  socket.send(Buffer.from('mark'), socket.local);
  await expect.poll(() => arrived, { interval: 1 }).toBe(true);
  await socket.close();
}
