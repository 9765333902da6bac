import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnLan } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

/** Waits on UDP port 5000 of all interfaces and says what comes. */
const LISTEN = `
const socket = require('dgram').createSocket('udp4');
socket.on('message', (text, { address }) => console.log(String(text), 'from', address));
socket.bind(5000, () => { socket.addMembership('239.1.2.3'); console.log('ready'); });`;
const SEND = `
const [text, address] = process.argv.slice(1);
const socket = require('dgram').createSocket('udp4');
socket.bind(0, () => { socket.setBroadcast(true); socket.send(text, 5000, address, () => socket.close()); });`;

describeOnLan('the laboratory', () => {
  let lan: Lan;
  beforeEach(() => {
    lan = makeLan({ hosts: 3 });
  });
  afterEach(() => lan.close());

  const ping = async (address: string) => (await lan.host(1).run(['ping', '-c1', '-W1', address])).code;
  const send = (text: string, address: string) =>
    lan.host(1).run([process.execPath, '-e', SEND, text, address]);
  async function listener(host: number) {
    const running = lan.host(host).start([process.execPath, '-e', LISTEN]);
    await running.says(/ready/);
    return running;
  }

  it('a muted host gets unicast, and neither multicast nor broadcast', async () => {
    lan.host(2).mute();
    const [muted, open] = [await listener(2), await listener(3)];

    await send('group', '239.1.2.3');
    await send('subnet', '10.77.0.255');
    await Promise.all([send('direct', '10.77.0.2'), send('direct', '10.77.0.3')]);

    await Promise.all([muted.says(/direct/), open.says(/direct/)]);
    expect(open.stdout).toMatch(/group from 10\.77\.0\.1\nsubnet from 10\.77\.0\.1/);
    expect(muted.stdout).not.toMatch(/group|subnet/);
    lan.host(2).unmute();
    await send('group', '239.1.2.3');
    await muted.says(/group/);
  });

  it('a host that is powered off loses its processes and its link, and has its addresses again later', async () => {
    const sleeper = lan.host(2).start(['sleep', '60']);
    expect(await ping('10.77.0.2')).toBe(0);

    lan.host(2).powerOff();

    expect(await sleeper.exit()).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(await ping('10.77.0.2')).not.toBe(0);
    lan.host(2).plugIn();
    expect(await ping('10.77.0.2')).toBe(0);
    expect(await ping('fd77::2')).toBe(0);
  });

  it('a host with loss gets some packets and others not', async () => {
    lan.host(2).loseIncoming(50);
    const { stdout } = await lan.host(1).run(['ping', '-c50', '-i0.005', '-W0.5', '10.77.0.2']);
    const received = Number(/(\d+) received/.exec(stdout)?.[1]);
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThan(50);
  });
});
