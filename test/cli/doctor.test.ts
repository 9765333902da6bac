import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type VirtualHost, VirtualLan } from '../support/virtual-lan.ts';
import { type FakeHost, fakeHost, jsonLines, surroundingsOf } from './fake-host.ts';
import { type PEER_ID, type Script, scripted } from './fake-node.ts';

const OTHER = 'cd'.repeat(20) as typeof PEER_ID;

interface Doctored {
  readonly exitCode: number;
  readonly host: FakeHost;
}

interface Circumstances {
  /** Of dialling anybody. */
  readonly outcome?: 'reached' | 'no answer';
  readonly prepare?: (machine: VirtualHost) => Promise<void>;
}

/** `lanshare doctor` on 10.77.0.2, with a node that follows a script. */
async function doctor(
  words: readonly string[],
  script: Script = {},
  { outcome = 'reached', prepare = async () => {} }: Circumstances = {},
): Promise<Doctored> {
  const clock = new VirtualClock();
  const machine = new VirtualLan(clock, seededRandom(1)).host({ eth0: ['10.77.0.2/24'] });
  await prepare(machine);
  const surroundings = { ...surroundingsOf(machine, clock), dial: async () => outcome };
  const { createNode } = scripted(script);
  const host = fakeHost({ createNode, clock, surroundings });
  let code: number | undefined;
  const running = run(['doctor', ...words], host).then((exitCode) => {
    code = exitCode;
  });
  while (code === undefined) await clock.advance(100);
  await running;
  return { exitCode: code, host };
}

/** Somebody at 10.77.0.3 who shares nothing. */
const company: Script = {
  discovery: [
    {
      path: 'gossip',
      interfaces: ['eth0 (10.77.0.2)'],
      problems: [],
      nodes: [{ peerId: OTHER, endpoint: { host: '10.77.0.3', port: 47_470 } }],
      dropped: new Map([['malformed', 12]]),
    },
  ],
};

describe('doctor', () => {
  it('is a report on stdout with the verdict at its end', async () => {
    const { exitCode, host } = await doctor([], company);
    expect(exitCode).toBe(0);
    expect(host.stderr.text).toBe('');
    expect(host.stdout.lines).toEqual([
      'INTERFACE  KIND      MULTICAST IPV4  MULTICAST IPV6  BROADCAST   ADDRESSES',
      'eth0       LAN       heard back      -               heard back  10.77.0.2',
      'lo         loopback  -               -               -           127.0.0.1, ::1',
      '',
      'NODE             FOUND BY  HEARD BY  DIALLED',
      '10.77.0.3:47470  gossip    -         reached',
      '',
      'TCP port 47470: nobody tried it',
      'dropped datagrams (gossip): 12 malformed',
      '',
      'it works, but only by way of nodes that know of this machine: one other node is heard and answering; multicast and broadcast do not get through here, so name the other machine with --peer HOST',
    ]);
  });

  it('has exit code 5 where nobody is found, and quietly says the verdict alone', async () => {
    const { exitCode, host } = await doctor(['--quiet']);
    expect(exitCode).toBe(5);
    expect(host.stdout.lines).toEqual([expect.stringMatching(/^no other lanshare is heard on eth0: /)]);
  });

  it('has exit code 5 where somebody is heard who does not answer', async () => {
    const { exitCode, host } = await doctor([], company, { outcome: 'no answer' });
    expect(exitCode).toBe(5);
    expect(host.stdout.lines.at(-1)).toMatch(/^10\.77\.0\.3:47470 is heard but does not answer: open/);
  });

  it('with --json is events, and no error where something is the matter', async () => {
    const { exitCode, host } = await doctor(['--json', '--peer', '10.0.0.9:5000'], company, {
      outcome: 'no answer',
    });
    expect(exitCode).toBe(5);
    expect(host.stderr.text).toBe('');
    expect(jsonLines(host.stdout.text).slice(1)).toEqual([
      {
        event: 'interface',
        name: 'eth0',
        kind: 'lan',
        addresses: ['10.77.0.2'],
        used: true,
        multicastIpv4: 'heard back',
        multicastIpv6: 'not tried',
        broadcast: 'heard back',
        sendError: null,
      },
      expect.objectContaining({ event: 'interface', name: 'lo', kind: 'loopback' }),
      {
        event: 'node',
        peerId: OTHER,
        addresses: ['10.77.0.3:47470'],
        here: false,
        paths: ['gossip'],
        groups: [],
        dialled: 'no answer',
      },
      { event: 'named', address: '10.0.0.9:5000', dialled: 'no answer' },
      {
        event: 'port',
        port: 47_470,
        udp: 'ours',
        groupPort: 'usable',
        dialled: null,
        by: null,
        clockAheadSeconds: null,
      },
      { event: 'dropped', path: 'gossip', reason: 'malformed', count: 12 },
      {
        event: 'diagnosis',
        cause: 'others do not answer',
        healthy: false,
        message: expect.any(String),
        remarks: [],
      },
    ]);
  });

  it('notices another program on its UDP port', async () => {
    const options = { family: 'IPv4', address: '0.0.0.0', port: 47_470, shared: false } as const;
    const { exitCode, host } = await doctor(['--json'], company, {
      prepare: async (machine) => {
        const other = await machine.open(options, { onDatagram() {}, onError() {} });
        onTestFinished(() => other.close());
      },
    });
    expect(exitCode).toBe(5);
    expect(jsonLines(host.stdout.text).at(-1)).toMatchObject({ cause: 'own port taken' });
  });

  it('interrupted says nothing: exit code 130', async () => {
    const clock = new VirtualClock();
    const { createNode, nodes } = scripted({});
    const host = fakeHost({ createNode, clock });
    const running = run(['doctor'], host);
    while (!(nodes[0]?.calls.includes('list') ?? false)) await clock.advance(0);
    host.events.emit('SIGINT');
    expect(await running).toBe(130);
    expect(host.stdout.text).toBe('');
    expect(nodes[0]?.calls).toContain('close');
  });
});
