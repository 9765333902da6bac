import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  type AnsweringSocket,
  type AnsweringSocketOptions,
  type OpenAnsweringSocket,
  RECEIVED_BYTES,
} from '../../src/platform/answering-socket.ts';
import { openDgramAnsweringSocket } from '../../src/platform/dgram-answering-socket.ts';
import { udxAnsweringSockets } from '../../src/platform/udx-answering-socket.ts';

const LOOPBACK = '127.0.0.1';
const openUdxAnsweringSocket = udxAnsweringSockets();

/** Both are to do the same; udx-native has binaries for the common machines only. */
const sockets: readonly (readonly [string, OpenAnsweringSocket | undefined])[] = [
  ['node:dgram', openDgramAnsweringSocket],
  ['udx-native', openUdxAnsweringSocket],
];

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()));
});

describe.each(sockets)('an answering socket of %s', (_, open) => {
  async function listen(
    answer: Answer,
    options: Partial<AnsweringSocketOptions> = {},
  ): Promise<AnsweringSocket> {
    if (open === undefined) throw new Error('it does not load here');
    const socket = await open(
      {
        family: 'IPv4',
        address: LOOPBACK,
        port: 0,
        receiveBufferBytes: 1_000_000,
        answerBytes: 1_232,
        maxWaiting: 16,
        ...options,
      },
      answer,
    );
    opened.push(() => socket.close());
    return socket;
  }
  const it_ = it.skipIf(open === undefined);

  it_('answers each datagram to where it came from', async () => {
    const froms: string[] = [];
    const socket = await listen((received, length, host, answer) => {
      froms.push(host);
      for (let at = 0; at < length; at++) answer.setUint8(at, received.getUint8(at) ^ 0xff);
      return length;
    });
    const [one, other] = [await client(), await client()];
    one.send(socket, Buffer.from([1, 2, 3]));
    other.send(socket, Buffer.from([4, 5]));
    expect(await one.heard(1)).toEqual([Buffer.from([0xfe, 0xfd, 0xfc])]);
    expect(await other.heard(1)).toEqual([Buffer.from([0xfb, 0xfa])]);
    expect(froms).toEqual([LOOPBACK, LOOPBACK]);
    expect(socket.local.host).toBe(LOOPBACK);
  });

  it_('answers many at once, each with its own answer', async () => {
    const socket = await listen((received, length, _host, answer) => {
      const number = received.getUint32(0);
      for (let at = 0; at <= number % 100; at++) answer.setUint32(at * 4, number);
      return length + (number % 100) * 4;
    });
    const asker = await client();
    for (let number = 0; number < 300; number++) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(number);
      asker.send(socket, bytes);
    }
    const answers = (await asker.heard(300)).map((bytes) => {
      expect(bytes.equals(Buffer.concat(Array(bytes.length / 4).fill(bytes.subarray(0, 4))))).toBe(true);
      return [bytes.readUInt32BE(0), bytes.length / 4];
    });
    expect(answers.sort(([one = 0], [other = 0]) => one - other)).toEqual(
      Array.from({ length: 300 }, (_, number) => [number, 1 + (number % 100)]),
    );
    expect(socket.unsent).toBe(0);
  });

  it_('says nothing where nothing is to be said', async () => {
    const socket = await listen((_received, length, _host, answer) => {
      answer.setUint8(0, length);
      return length === 1 ? 1 : 0;
    });
    const asker = await client();
    for (const length of [0, 3, 2, 1]) asker.send(socket, Buffer.alloc(length));
    expect(await asker.heard(1)).toEqual([Buffer.from([1])]);
  });

  it_('cuts what is too long', async () => {
    const socket = await listen((received, length, _host, answer) => {
      answer.setUint32(0, length);
      answer.setUint8(4, received.getUint8(length - 1));
      return 5;
    });
    const asker = await client();
    const bytes = Buffer.alloc(9_000, 1).fill(2, RECEIVED_BYTES - 1);
    asker.send(socket, bytes);
    expect((await asker.heard(1)).map((answer) => [answer.readUInt32BE(0), answer[4]])).toEqual([
      [RECEIVED_BYTES, 2],
    ]);
  });

  it_('has a port of its own until it is closed, which may be said twice', async () => {
    const first = await listen(() => 0);
    const { port } = first.local;
    await expect(listen(() => 0, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    await first.close();
    expect((await listen(() => 0, { port })).local.port).toBe(port);
  });

  it_('answers nothing any more when it is closed while it answers', async () => {
    let answered = 0;
    const socket = await listen((_received, _length, _host, answer) => {
      answered++;
      void socket.close();
      answer.setUint8(0, 1);
      return 1;
    });
    const asker = await client();
    for (let times = 0; times < 10; times++) asker.send(socket, Buffer.alloc(1));
    await expect.poll(() => answered).toBe(1);
    await socket.close();
    expect(answered).toBe(1);
  });

  it_('says something unasked, to whom its maker knows', async () => {
    const asker = await client();
    const froms: number[] = [];
    const socket = await listen((_received, _length, _host, _answer, port) => {
      froms.push(port);
      // In the middle of an answer, too.
      socket.send(Buffer.from('one'), { host: LOOPBACK, port });
      socket.send(Buffer.from('two'), { host: LOOPBACK, port });
      return 0;
    });
    asker.send(socket, Buffer.alloc(1));
    expect(await asker.heard(2)).toEqual([Buffer.from('one'), Buffer.from('two')]);
    socket.send(Buffer.from('three'), { host: LOOPBACK, port: froms[0] ?? 0 });
    expect((await asker.heard(3))[2]).toEqual(Buffer.from('three'));
    await socket.close();
    socket.send(Buffer.from('four'), { host: LOOPBACK, port: froms[0] ?? 0 });
    expect(socket.unsent).toBe(0);
  });

  it_('has no address that is not this machine’s', async () => {
    await expect(listen(() => 0, { address: '203.0.113.9' })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });
});

async function client() {
  const socket: Socket = createSocket('udp4');
  opened.push(() => new Promise((resolve) => socket.close(() => resolve())));
  const heard: Buffer[] = [];
  socket.on('message', (bytes) => heard.push(bytes));
  await new Promise<void>((resolve) => socket.bind(0, LOOPBACK, () => resolve()));
  return {
    send: ({ local }: AnsweringSocket, bytes: Buffer) => socket.send(bytes, local.port, LOOPBACK),
    async heard(count: number): Promise<readonly Buffer[]> {
      await expect.poll(() => heard.length, { interval: 5, timeout: 5_000 }).toBeGreaterThanOrEqual(count);
      return heard;
    },
  };
}
