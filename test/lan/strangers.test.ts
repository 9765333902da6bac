import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnLan, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

/** Sends stdin to HOST:PORT over TCP or UDP, then stays connected for a moment. */
const SEND = `
const [kind, host, port] = process.argv.slice(1);
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
  const bytes = Buffer.concat(chunks);
  if (kind === 'udp') return require('dgram').createSocket('udp4').send(bytes, Number(port), host, process.exit);
  const socket = require('net').connect(Number(port), host, () => socket.write(bytes));
  socket.on('error', process.exit).on('close', process.exit);
  setTimeout(process.exit, 300);
});`;

describeOnLan('strangers at the port', () => {
  let lan: Lan;
  beforeAll(() => {
    lan = makeLan({ hosts: 2 });
  });
  afterAll(() => lan.close());

  it('garbage, half a handshake, huge lengths and an HTTP request leave the sharer serving', async () => {
    const here = await seatAt(lan.host(1));
    const there = await seatAt(lan.host(2));
    const content = await here.put('movie.txt');
    const sharer = await here.share('movie.txt');
    const port = String(sharer.sharing['port']);
    const handshake = Buffer.concat([
      Buffer.from('P2PFILESHARINGPROJ'),
      Buffer.alloc(10),
      Buffer.from('0003'),
    ]);
    const send = (kind: 'tcp' | 'udp', input: Uint8Array) =>
      there.host.run([process.execPath, '-e', SEND, kind, '10.77.0.1', port], { input });

    await Promise.all([
      send('tcp', randomBytes(50_000)),
      send('tcp', handshake.subarray(0, 11)),
      send('tcp', Buffer.concat([handshake, Buffer.from('ffffffff', 'hex'), randomBytes(1000)])),
      send(
        'tcp',
        Buffer.concat([
          handshake,
          Buffer.from('00000005', 'hex'),
          Buffer.from([6]),
          Buffer.from('ffffffff', 'hex'),
        ]),
      ),
      send('tcp', Buffer.concat([Buffer.from('\x13BitTorrent protocol'), randomBytes(48)])),
      send('tcp', Buffer.from('GET / HTTP/1.1\r\nHost: sharer\r\n\r\n')),
      send('udp', randomBytes(1_000)),
      send('udp', Buffer.from('d'.repeat(1_200))),
    ]);

    expect(sharer.alive).toBe(true);
    expect(await there.fetch('movie.txt')).toMatchObject({ code: 0 });
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
  });
});
