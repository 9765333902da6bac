import { describe, expect, it } from 'vitest';
import type { NetworkFacts } from '../../src/diagnosis/facts.ts';
import { type Verdict, verdictOf } from '../../src/diagnosis/verdict.ts';
import {
  DEAF,
  echoes,
  examined,
  FORBIDDEN,
  facts,
  HEARD,
  loopback,
  networkInterface,
  node,
  ownPort,
  UNTRIED,
} from './some-facts.ts';

function verdict(changes: Partial<NetworkFacts>): Verdict {
  return verdictOf(facts(changes));
}

const tunnel = networkInterface('wg0', { kind: 'tunnel' });
const bridge = networkInterface('docker0', { kind: 'container bridge' });

describe('nobody is heard', () => {
  it('without any interface: the cable or the Wi-Fi', () => {
    expect(verdict({ interfaces: [] })).toMatchObject({
      cause: 'no interface',
      healthy: false,
      sentence: 'this machine is on no network: plug in a cable or join the Wi-Fi',
    });
  });

  it('with nothing but the loopback interface: the same, and who is found until then', () => {
    expect(verdict({ interfaces: [loopback] })).toMatchObject({
      cause: 'only loopback',
      sentence: expect.stringContaining('only programs on this machine are found'),
    });
  });

  it('with a VPN tunnel alone: --peer', () => {
    expect(verdict({ interfaces: [loopback, tunnel, bridge] })).toMatchObject({
      cause: 'only tunnel or bridge',
      sentence: expect.stringMatching(/VPN tunnel \(wg0 and docker0\).*--peer HOST/),
    });
  });

  it('with a container bridge alone: the LAN', () => {
    expect(verdict({ interfaces: [loopback, bridge] })).toMatchObject({
      cause: 'only tunnel or bridge',
      sentence: expect.stringMatching(/containers or virtual machines \(docker0\): connect/),
    });
  });

  it('with --interface on what is no LAN: the interface that is one', () => {
    const lan = networkInterface('eth0', { used: false, echoes: echoes(UNTRIED) });
    const unused = { ...loopback, used: false };
    expect(verdict({ interfaces: [lan, unused, bridge] })).toMatchObject({
      cause: 'interface left out',
      sentence:
        'only docker0 is used, which is no LAN, and --interface leaves eth0 out: use --interface eth0, or leave --interface out',
    });
    expect(verdict({ interfaces: [lan, loopback] }).cause).toBe('interface left out');
  });

  it('with the port of the groups taken: the program that has it', () => {
    expect(verdict({ groupPort: 'taken' })).toMatchObject({
      cause: 'group port taken',
      sentence: expect.stringContaining('UDP port 47471 is taken'),
    });
  });

  it('when nothing that is sent comes back: the firewall here, and the ports to open', () => {
    expect(verdict({ interfaces: [networkInterface('eth0', { echoes: echoes(DEAF) })] })).toMatchObject({
      cause: 'own datagrams not heard',
      sentence: expect.stringMatching(
        /eth0 does not hear .*ufw, firewalld.*open UDP ports 47471 and 5353 and TCP and UDP port 47470/,
      ),
    });
  });

  it('when the firewall lets nothing out: the firewall here', () => {
    expect(verdict({ interfaces: [networkInterface('eth0', { echoes: echoes(FORBIDDEN) })] })).toMatchObject({
      cause: 'cannot send',
      sentence: expect.stringMatching(/firewall .* eth0 \(EPERM\)/),
    });
  });

  it('when the system has no way for it: its routes', () => {
    const unreachable = echoes({ kind: 'not sent', reason: 'ENETUNREACH' }, { broadcast: UNTRIED });
    expect(verdict({ interfaces: [networkInterface('eth0', { echoes: unreachable })] })).toMatchObject({
      cause: 'cannot send',
      sentence: expect.stringMatching(/eth0 \(ENETUNREACH\): check its routes/),
    });
  });

  it('although one of two LANs can be heard: others are to be looked for', () => {
    const deaf = networkInterface('eth1', { echoes: echoes(DEAF) });
    expect(verdict({ interfaces: [networkInterface('eth0'), deaf] }).cause).toBe('alone');
  });

  it('although everything here works: what to try, in order', () => {
    const { cause, sentence } = verdict({});
    expect(cause).toBe('alone');
    const steps = ['same network', '--peer HOST', 'open TCP and UDP port 47470'];
    const places = steps.map((step) => sentence.indexOf(step));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('although nobody looked whether anything comes back: the same', () => {
    const unknown = networkInterface('eth0', { echoes: echoes(UNTRIED) });
    expect(verdict({ interfaces: [unknown] }).cause).toBe('alone');
  });

  it('where multicast alone does not come back: that is said beside it', () => {
    const half = networkInterface('eth0', { echoes: echoes(DEAF, { broadcast: HEARD }) });
    expect(verdict({ interfaces: [half] })).toMatchObject({
      cause: 'alone',
      remarks: ['eth0 does not hear its own multicast IPv4 and multicast IPv6'],
    });
  });

  it('but a lanshare on this very machine, which is nobody else', () => {
    expect(verdict({ nodes: [node(2, { here: true, dialled: undefined })] })).toMatchObject({
      cause: 'alone',
      healthy: false,
      remarks: ['another lanshare runs on this machine, on port 47470'],
    });
  });

  it('but two on this very machine: both ports', () => {
    const here = { here: true, dialled: undefined };
    const second = node(2, { ...here, endpoints: [{ host: '10.77.0.2', port: 5_000 }] });
    expect(verdict({ nodes: [node(2, here), second] }).remarks).toEqual([
      '2 other lanshares run on this machine, on ports 47470, 5000',
    ]);
  });

  it('and another program has our UDP port: that is said beside it', () => {
    expect(verdict({ ownPort: ownPort({ udp: 'taken' }) })).toMatchObject({
      cause: 'alone',
      remarks: ['UDP port 47470 is taken by another program, so --peer does not find this machine'],
    });
  });
});

describe('a peer named with --peer that is not heard', () => {
  const peer = { host: 'nas', port: 5_000 };
  it.each([
    ['unknown name', /address of nas.*is not known here/],
    ['refused', /nas:5000.* no lanshare listens on that port/],
    ['no answer', /nas:5000.* check its address, then open TCP and UDP port 5000/],
    ['reached', /answers by TCP but not by UDP: open UDP port 5000/],
  ] as const)('%s: its own sentence', (outcome, sentence) => {
    expect(verdict({ named: [{ peer, outcome }] })).toMatchObject({
      cause: 'named peer silent',
      healthy: false,
      sentence: expect.stringMatching(sentence),
    });
  });

  it('of several, the one that came nearest', () => {
    const other = { host: '10.0.0.9', port: 47_470 };
    const named = [
      { peer, outcome: 'no answer' },
      { peer: other, outcome: 'refused' },
    ] as const;
    expect(verdict({ named }).sentence).toMatch(/^10\.0\.0\.9:47470/);
  });
});

describe('others are heard', () => {
  it('and answer, and reach us: everything works', () => {
    expect(verdict({ nodes: [node(3), node(4)], ownPort: examined('reached') })).toEqual({
      cause: 'fine',
      healthy: true,
      sentence: 'everything works: 2 other nodes are heard and answering, and this machine can be reached',
      remarks: [],
    });
  });

  it('and answer; whether they reach us is not known: it is not held against them', () => {
    expect(verdict({ nodes: [node(3)] })).toMatchObject({
      cause: 'fine',
      sentence: 'everything works: one other node is heard and answering',
    });
  });

  it('by broadcast but not by multicast: it works, and that is said', () => {
    const nodes = [node(3, { paths: ['beacon'], ways: ['broadcast'] })];
    expect(verdict({ nodes })).toMatchObject({
      cause: 'broadcast only',
      healthy: true,
      sentence: expect.stringContaining('IGMP snooping'),
    });
  });

  it('only because they were named: it works with --peer', () => {
    const nodes = [node(3, { paths: ['gossip', 'peer option'], ways: [] })];
    const named = [{ peer: { host: '10.77.0.3', port: 47_470 }, outcome: 'reached' }] as const;
    expect(verdict({ nodes, named })).toMatchObject({
      cause: 'unicast only',
      healthy: true,
      sentence: expect.stringMatching(/by way of peers that were named.*go on giving one --peer HOST/),
    });
  });

  it('by unicast, and no peer was named that answers: the other machine is to be named', () => {
    const nodes = [node(3, { paths: ['gossip'], ways: [] })];
    const named = [{ peer: { host: '10.77.0.9', port: 47_470 }, outcome: 'no answer' }] as const;
    expect(verdict({ nodes, named })).toMatchObject({
      cause: 'unicast only',
      sentence: expect.stringMatching(/by way of nodes that know of this machine.*name the other machine/),
    });
  });

  it('by mDNS alone: that is multicast', () => {
    expect(verdict({ nodes: [node(3, { paths: ['mdns'], ways: [] })] }).cause).toBe('fine');
  });

  it('by what they answer, while what is sent to everybody is not heard here: a remark', () => {
    const deaf = networkInterface('eth0', { echoes: echoes(DEAF) });
    const remarks = [expect.stringMatching(/^eth0 does not hear .* open UDP ports 47471 and 5353/)];
    expect(verdict({ nodes: [node(3)], interfaces: [deaf] })).toMatchObject({ cause: 'fine', remarks });
  });

  it('by what they send, while nothing can be sent to everybody here: a remark', () => {
    const mute = networkInterface('eth0', { echoes: echoes(FORBIDDEN) });
    expect(verdict({ nodes: [node(3)], interfaces: [mute] })).toMatchObject({
      cause: 'fine',
      remarks: ['eth0 cannot send to everybody, so others may not find what this machine shares'],
    });
  });

  it('but the only one does not answer: its firewall', () => {
    expect(verdict({ nodes: [node(3, { dialled: 'no answer' })] })).toMatchObject({
      cause: 'others do not answer',
      healthy: false,
      sentence: expect.stringMatching(
        /^10\.77\.0\.3:47470 is heard but .*open TCP and UDP port 47470 in its/,
      ),
      remarks: [],
    });
  });

  it('but none of several answers: the network, or their firewalls', () => {
    const nodes = [node(3, { dialled: 'no answer' }), node(4, { dialled: 'refused' })];
    expect(verdict({ nodes })).toMatchObject({
      cause: 'others do not answer',
      sentence: expect.stringMatching(/^2 nodes are heard but none answers .*client isolation/),
    });
  });

  it('and one of them does not answer: a remark', () => {
    const nodes = [node(3), node(4, { dialled: 'no answer' })];
    expect(verdict({ nodes })).toMatchObject({
      cause: 'fine',
      remarks: [expect.stringContaining('10.77.0.4:47470 is heard but does not answer')],
    });
  });

  it('and very many do not answer: each address once, and how many more', () => {
    const silent = Array.from({ length: 9 }, (_, at) => node(10 + at, { dialled: 'refused' }));
    const twice = node(99, { dialled: 'refused', endpoints: [{ host: '10.77.0.10', port: 47_470 }] });
    const { remarks } = verdict({ nodes: [node(3), ...silent, twice] });
    expect(remarks).toHaveLength(6);
    expect(remarks.at(-1)).toBe('4 more are heard but do not answer');
  });

  it.each([
    ['no answer', '10.77.0.3 got no answer'],
    ['refused', '10.77.0.3 was refused'],
  ] as const)('and do not reach our port (%s): the firewall here', (outcome, how) => {
    expect(verdict({ nodes: [node(3)], ownPort: examined(outcome) })).toMatchObject({
      cause: 'own port not reachable',
      healthy: false,
      sentence: expect.stringMatching(
        new RegExp(`TCP port 47470 .*${how}.*open TCP and UDP port 47470 in its firewall`),
      ),
    });
  });

  it('but another program has our UDP port: --port', () => {
    expect(verdict({ nodes: [node(3)], ownPort: ownPort({ udp: 'taken' }) })).toMatchObject({
      cause: 'own port taken',
      healthy: false,
      sentence: expect.stringContaining('--port'),
    });
  });

  it('and their clock is far from ours: a remark only', () => {
    const ahead = verdict({ nodes: [node(3)], ownPort: examined('reached', 3_600_000) });
    expect(ahead).toMatchObject({
      cause: 'fine',
      remarks: ['the clock of 10.77.0.3 is 3600 s ahead of this one, which does not matter here'],
    });
    expect(verdict({ nodes: [node(3)], ownPort: examined('reached', -59_000) }).remarks).toEqual([]);
  });
});
