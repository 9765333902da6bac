import { afterEach, expect, it } from 'vitest';
import { describeOnLan, type Seat, seatAt } from './command.ts';
import { type Host, type Lan, makeLan } from './lab.mjs';
import type { CommandEvent } from './running.mjs';

/** Drops what the rule matches, on its way into the host or out of it. */
async function drop(host: Host, hook: 'input' | 'output', rule: string): Promise<void> {
  const rules = `table inet doctor {
    chain ${hook} { type filter hook ${hook} priority 0; ${rule} drop
    }
  }`;
  expect(await host.run(['nft', '-f', '-'], { input: rules })).toMatchObject({ code: 0 });
}

const MULTICAST = 'meta l4proto udp meta pkttype multicast';
const GROUPS = 'meta l4proto udp meta pkttype { multicast, broadcast }';
const UNICAST = 'meta l4proto { tcp, udp } meta pkttype host';

interface Diagnosis {
  readonly code: number | null;
  /** The `diagnosis` event. */
  readonly diagnosis: CommandEvent | undefined;
  readonly events: readonly CommandEvent[];
}

async function doctor(seat: Seat, ...words: readonly string[]): Promise<Diagnosis> {
  const running = seat.start(['doctor', '--json', ...words]);
  const { code } = await running.exit();
  const events = running.events();
  return { code, diagnosis: events.at(-1), events };
}

describeOnLan('doctor names what is the matter', () => {
  let lan: Lan;
  afterEach(() => lan.close());

  /** The patient, and a neighbour that shares a file. */
  async function patient(): Promise<{ here: Seat; there: Host }> {
    lan = makeLan({ hosts: 2 });
    const neighbour = await seatAt(lan.host(2));
    await neighbour.put('movie.txt');
    await neighbour.share('movie.txt');
    return { here: await seatAt(lan.host(1)), there: lan.host(2) };
  }

  it('nothing, on a LAN where all is well', async () => {
    const { here } = await patient();
    const { code, diagnosis, events } = await doctor(here);
    expect({ code, diagnosis }).toMatchObject({
      code: 0,
      diagnosis: { event: 'diagnosis', cause: 'fine', healthy: true, remarks: [] },
    });
    const found = (event: string) => events.find((one) => one.event === event);
    expect(found('interface')).toMatchObject({
      name: 'eth0',
      kind: 'lan',
      multicastIpv4: 'heard back',
      multicastIpv6: 'heard back',
      broadcast: 'heard back',
    });
    expect(found('node')).toMatchObject({
      dialled: 'reached',
      addresses: expect.arrayContaining(['10.77.0.2:47470']),
      paths: expect.arrayContaining(['beacon', 'mdns']),
      groups: expect.arrayContaining(['multicast IPv4', 'multicast IPv6', 'broadcast']),
    });
    expect(found('port')).toMatchObject({ dialled: 'reached', udp: 'ours' });
  });

  it('a firewall here that lets multicast and broadcast in to nobody', async () => {
    const { here } = await patient();
    await drop(here.host, 'input', GROUPS);
    await drop(lan.host(2), 'output', 'meta l4proto udp');
    expect(await doctor(here)).toMatchObject({ code: 5, diagnosis: { cause: 'own datagrams not heard' } });
  });

  it('a firewall here that lets nothing out to everybody', async () => {
    const { here } = await patient();
    here.host.mute();
    const { code, diagnosis } = await doctor(here);
    expect({ code, diagnosis }).toMatchObject({ code: 5, diagnosis: { cause: 'cannot send' } });
    expect(diagnosis?.['message']).toMatch(/firewall .* eth0 \(EPERM\)/);
  });

  it('that nobody else is there, or hidden; with --peer it is found all the same', async () => {
    const { here, there } = await patient();
    there.mute();
    expect(await doctor(here)).toMatchObject({ code: 5, diagnosis: { cause: 'alone' } });
    expect(await doctor(here, '--peer', '10.77.0.2')).toMatchObject({
      code: 0,
      diagnosis: { cause: 'unicast only', healthy: true },
    });
  });

  it('that multicast does not get through while broadcast does', async () => {
    const { here, there } = await patient();
    await drop(there, 'input', MULTICAST);
    await drop(there, 'output', 'meta l4proto udp ip daddr 224.0.0.0/4');
    await drop(there, 'output', 'meta l4proto udp ip6 daddr ff00::/8');
    expect(await doctor(here)).toMatchObject({ code: 0, diagnosis: { cause: 'broadcast only' } });
  });

  it('a neighbour that is heard and answers nothing', async () => {
    const { here, there } = await patient();
    await drop(there, 'input', UNICAST);
    const { code, diagnosis } = await doctor(here);
    expect({ code, diagnosis }).toMatchObject({ code: 5, diagnosis: { cause: 'others do not answer' } });
    expect(diagnosis?.['message']).toMatch(/^10\.77\.0\.2:47470 .*open TCP and UDP port 47470/);
  });

  it('that others do not reach our port', async () => {
    const { here } = await patient();
    await drop(here.host, 'input', 'tcp dport 47470');
    const { code, diagnosis } = await doctor(here);
    expect({ code, diagnosis }).toMatchObject({ code: 5, diagnosis: { cause: 'own port not reachable' } });
    expect(diagnosis?.['message']).toMatch(/open TCP and UDP port 47470/);
  });

  it('that another program has the UDP port', async () => {
    const { here } = await patient();
    const binding = "require('node:dgram').createSocket('udp4').bind(47470, () => console.log('bound'))";
    const other = here.host.start([process.execPath, '-e', binding]);
    await other.says(/bound/);
    expect(await doctor(here)).toMatchObject({ code: 5, diagnosis: { cause: 'own port taken' } });
    await other.stop('SIGKILL');
  });

  it('that there is nothing but the loopback interface', async () => {
    lan = makeLan({ hosts: 1 });
    lan.host(1).removeEthernet();
    expect(await doctor(await seatAt(lan.host(1)))).toMatchObject({
      code: 5,
      diagnosis: { cause: 'only loopback' },
    });
  });

  it('a peer that was named, where nothing listens', async () => {
    lan = makeLan({ hosts: 2 });
    expect(await doctor(await seatAt(lan.host(1)), '--peer', '10.77.0.2:5000')).toMatchObject({
      code: 5,
      diagnosis: { cause: 'named peer silent', message: expect.stringContaining('no lanshare listens') },
    });
  });
});

describeOnLan('commands that find nobody', () => {
  let lan: Lan;
  afterEach(() => lan.close());

  it('fetch says why after three seconds, once', async () => {
    lan = makeLan({ hosts: 1 });
    const seat = await seatAt(lan.host(1));
    const { code, events } = await seat.fetch('movie.txt', '--timeout', '5');
    expect(code).toBe(3);
    expect(events.filter(({ event }) => event === 'diagnosis')).toMatchObject([
      { cause: 'alone', healthy: false },
    ]);
  });

  it('list says why, on stderr', async () => {
    lan = makeLan({ hosts: 1 });
    await drop(lan.host(1), 'input', GROUPS);
    const { code, stdout, stderr } = await (await seatAt(lan.host(1))).run(['list']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^eth0 does not hear what it sends to everybody.*\nnothing is shared/);
  });

  it('who hears others, if not what it looks for, has nothing to say', async () => {
    lan = makeLan({ hosts: 2 });
    const [one, two] = [await seatAt(lan.host(1)), await seatAt(lan.host(2))];
    await one.put('other.txt');
    await one.share('other.txt');
    const { events } = await two.fetch('movie.txt', '--timeout', '4');
    expect(events.map(({ event }) => event)).not.toContain('diagnosis');
  });
});

describeOnLan('list --watch', () => {
  let lan: Lan;
  afterEach(() => lan.close());

  it('shows who comes, how far fetchers are, and who goes', async () => {
    lan = makeLan({ hosts: 3, rate: '40mbit' });
    const [watcher, sharer, fetcher] = [
      await seatAt(lan.host(1)),
      await seatAt(lan.host(2)),
      await seatAt(lan.host(3)),
    ];
    await sharer.put('movie.txt', Buffer.alloc(12 * 1024 * 1024, 7));
    const watching = watcher.start(['list', '--watch', '--json']);
    await watching.event('listening');
    const sharing = await sharer.share('movie.txt');
    await watching.event('appeared', { matches: ({ holder }) => heldBy(holder) === 48 });
    const fetching = fetcher.start(['fetch', '--json', '--seed', 'forever', 'movie.txt']);
    await watching.event('updated', { matches: ({ holder }) => heldBy(holder) > 0 && heldBy(holder) < 48 });
    await watching.event('updated', { matches: ({ holder }) => heldBy(holder) === 48 });
    await fetching.stop();
    await sharing.stop();
    await watching.event('gone', { matches: () => watching.events().filter(isGone).length === 2 });
    expect(await watching.stop()).toMatchObject({ code: 0, stderr: '' });
  });
});

function heldBy(holder: unknown): number {
  return Number(Object(holder).piecesHeld);
}

function isGone({ event }: CommandEvent): boolean {
  return event === 'gone';
}
