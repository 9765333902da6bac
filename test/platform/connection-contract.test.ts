import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import type { Connection, Listener, Network } from '../../src/platform/network.ts';
import { tcpNetwork } from '../../src/platform/tcp-network.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A network, an address on it, and how time passes there. */
interface Subject {
  readonly name: string;
  readonly host: string;
  make(): { readonly network: Network; pass(): Promise<void> };
}

const subjects: readonly Subject[] = [
  {
    name: 'TCP',
    host: '127.0.0.1',
    make: () => ({ network: tcpNetwork, pass: () => new Promise((resolve) => setTimeout(resolve, 2)) }),
  },
  {
    name: 'the network in memory',
    host: '10.0.0.1',
    make() {
      const clock = new VirtualClock();
      const network = new MemoryNetwork({ clock, random: seededRandom(1) });
      return { network: network.host('10.0.0.1'), pass: () => clock.advance(1) };
    },
  },
];

/** One end, and everything that happened to it. */
class End {
  readonly connection: Connection;
  readonly closings: (string | undefined)[] = [];
  readonly #received: Buffer[] = [];

  constructor(connection: Connection, receiveInto?: () => Uint8Array | undefined) {
    this.connection = connection;
    connection.open({
      // The chunk's memory is used again, so what is to stay is copied.
      onData: (chunk) => this.#received.push(Buffer.from(chunk)),
      onClose: (error) => this.closings.push(error),
      ...(receiveInto === undefined ? {} : { receiveInto }),
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }
}

describe.each(subjects)('a connection over $name', ({ host, make }) => {
  let network: Network;
  let pass: () => Promise<void>;
  let listener: Listener;
  let accepted: Connection[];

  beforeEach(async () => {
    ({ network, pass } = make());
    accepted = [];
    listener = await network.listen(0, (connection) => accepted.push(connection));
  });

  afterEach(async () => {
    for (const connection of accepted) connection.destroy();
    await until(async () => true);
    await listener.close();
  });

  async function until(done: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 2_000; turn++) {
      await pass();
      if (await done()) return;
    }
    throw new Error('what was waited for did not happen');
  }

  async function dial(signal = new AbortController().signal): Promise<Connection> {
    let settled = false;
    const dialing = network.dial({ host, port: listener.port }, signal).finally(() => {
      settled = true;
    });
    dialing.catch(() => {});
    await until(() => settled);
    return dialing;
  }

  /** The end that dialled, and the one that was dialled. */
  async function pair(receiveInto?: () => Uint8Array | undefined): Promise<{ near: End; far: End }> {
    const near = new End(await dial(), receiveInto);
    await until(() => accepted.length === 1);
    return { near, far: new End(accepted[0] as Connection, receiveInto) };
  }

  it('carries bytes both ways, in order and whole', async () => {
    const { near, far } = await pair();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
    near.connection.write([bytes.subarray(0, 100), bytes.subarray(100, 5_000), bytes.subarray(5_000)]);
    far.connection.write([Buffer.from('and back')]);
    await until(() => far.received.length === bytes.length && near.received.length === 8);
    expect(far.received.equals(bytes)).toBe(true);
    expect(near.received.toString()).toBe('and back');
  });

  it('knows both of its addresses', async () => {
    const { near, far } = await pair();
    expect(near.connection.remote).toEqual({ host, port: listener.port });
    expect(far.connection.remote.host).toBe(host);
    expect(far.connection.remote.port).toBe(near.connection.local.port);
  });

  it('says when a write has gone and its memory is free again', async () => {
    const { near, far } = await pair();
    const memory = Buffer.from('first');
    let sent = false;
    near.connection.write([memory], () => {
      sent = true;
      memory.fill('x');
    });
    await until(() => sent && far.received.length === 5);
    expect(far.received.toString()).toBe('first');
  });

  it('loses nothing of what arrives before somebody listens', async () => {
    const near = new End(await dial());
    near.connection.write([Buffer.from('early')]);
    await until(() => accepted.length === 1);
    for (let turn = 0; turn < 5; turn++) await pass();
    const far = new End(accepted[0] as Connection);
    await until(() => far.received.length === 5);
  });

  it('delivers nothing while it is paused, and all of it after', async () => {
    const { near, far } = await pair();
    near.connection.pause();
    far.connection.write([Buffer.alloc(100_000, 'p')]);
    for (let turn = 0; turn < 10; turn++) await pass();
    const whilePaused = near.received.length;
    near.connection.resume();
    await until(() => near.received.length === 100_000);
    expect(whilePaused).toBe(0);
  });

  it('that was dialled by others can be paused as well', async () => {
    const { near, far } = await pair();
    await pass();
    far.connection.pause();
    near.connection.write([Buffer.alloc(100_000, 'p')]);
    for (let turn = 0; turn < 10; turn++) await pass();
    const whilePaused = far.received.length;
    far.connection.resume();
    await until(() => far.received.length === 100_000);
    expect(whilePaused).toBe(0);
  });

  it.each([
    ['dialled', 'near', 'far'],
    ['was dialled', 'far', 'near'],
  ] as const)(
    'can be received by who %s into memory that it gives, with the same bytes',
    async (_role, to, from) => {
      const place = Buffer.alloc(60_000);
      let given = 0;
      const ends = await pair(() => {
        given++;
        return given % 2 === 0 ? place.subarray(0, 1_000 + given) : undefined;
      });
      const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 253));
      ends[from].connection.write([bytes]);
      await until(() => ends[to].received.length === bytes.length);
      expect(ends[to].received.equals(bytes)).toBe(true);
      expect(given).toBeGreaterThan(0);
    },
  );

  it('that is ended sends what is queued, and closes on both sides, once', async () => {
    const { near, far } = await pair();
    near.connection.write([Buffer.alloc(200_000, 'e')]);
    near.connection.end();
    await until(() => near.closings.length > 0 && far.closings.length > 0);
    expect(far.received.length).toBe(200_000);
    for (let turn = 0; turn < 5; turn++) await pass();
    expect([near.closings.length, far.closings.length]).toEqual([1, 1]);
  });

  it('that is shut down sends what is queued, takes what still comes, and closes when the other side has ended', async () => {
    const { near, far } = await pair();
    near.connection.write([Buffer.alloc(200_000, 's')]);
    far.connection.write([Buffer.alloc(200_000, 'a')]);
    near.connection.shutdown();
    await until(() => near.closings.length > 0 && far.closings.length > 0);
    expect([far.received.length, near.received.length]).toEqual([200_000, 200_000]);
    expect([near.closings, far.closings]).toEqual([[undefined], [undefined]]);
  });

  it('that both sides shut down loses nothing', async () => {
    const { near, far } = await pair();
    near.connection.write([Buffer.alloc(200_000, 's')]);
    far.connection.write([Buffer.alloc(200_000, 'a')]);
    near.connection.shutdown();
    far.connection.shutdown();
    await until(() => near.closings.length > 0 && far.closings.length > 0);
    expect([far.received.length, near.received.length]).toEqual([200_000, 200_000]);
  });

  it('that is destroyed closes on both sides, once, whoever destroys it again', async () => {
    const { near, far } = await pair();
    near.connection.destroy();
    near.connection.destroy();
    await until(() => near.closings.length > 0 && far.closings.length > 0);
    far.connection.destroy();
    for (let turn = 0; turn < 5; turn++) await pass();
    expect([near.closings.length, far.closings.length]).toEqual([1, 1]);
  });

  it('that is gone takes writes, gives their memory back, and sends nothing', async () => {
    const { near, far } = await pair();
    near.connection.destroy();
    await until(() => near.closings.length === 1);
    let sent = 0;
    near.connection.write([Buffer.from('late')], () => {
      sent++;
    });
    await until(() => sent === 1);
    expect(far.received.length).toBe(0);
  });

  it('to a port where nobody listens is refused', async () => {
    const { port } = listener;
    await listener.close();
    const dialing = network.dial({ host, port }, new AbortController().signal);
    let refused = false;
    dialing.catch(() => {
      refused = true;
    });
    await until(() => refused);
  });

  it('is not opened when the signal has aborted', async () => {
    const reason = new Error('changed my mind');
    await expect(dial(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('needs a port of its own to be listened for', async () => {
    await expect(network.listen(listener.port, () => {})).rejects.toSatisfy(
      (error) => error instanceof LanshareError && error.code === 'PORT_IN_USE',
    );
  });
});

describe('a TCP listener', () => {
  it('is closed only when the connections that it took are', async () => {
    const accepted: Connection[] = [];
    const listener = await tcpNetwork.listen(0, (connection) => accepted.push(connection), '127.0.0.1');
    const dialled = await tcpNetwork.dial(
      { host: '127.0.0.1', port: listener.port },
      new AbortController().signal,
    );
    const near = new End(dialled);
    while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const far = new End(accepted[0] as Connection);
    const order: string[] = [];
    const closing = listener.close().then(() => order.push('listener'));
    far.connection.write([Buffer.from('still here')]);
    while (near.received.length < 10) await new Promise((resolve) => setImmediate(resolve));
    order.push('bytes');
    far.connection.destroy();
    await closing;
    near.connection.destroy();
    expect(order).toEqual(['bytes', 'listener']);
  });
});
