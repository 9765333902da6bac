import { connect, type Socket } from 'node:net';
import { it, onTestFinished, vi } from 'vitest';
import { peersInOrder } from './classroom.mjs';
import { endsWithTest, expectGoodRun, projectOfTest } from './processes.ts';

// Up to five processes start at once, beside those of other tests.
vi.setConfig({ testTimeout: 60_000 });

/** Who calls as peer 1003 and breaks a rule, and what the peer that is called tells of it. The file has 13 pieces. */
const GUESTS = [
  { guest: [handshake({ header: 'P2PFILESHARINGPROX' })], told: 'does not start with P2PFILESHARINGPROJ' },
  { guest: [handshake({ id: 1009 })], told: '1009, and no such peer is in PeerInfo.cfg' },
  { guest: [handshake({ id: 1001 })], told: '1001, which is our own ID' },
  { guest: [handshake({ id: Buffer.from('1003').readUInt32BE() })], told: 'as the text "1003"' },
  { guest: [handshake(), Buffer.from([0x7f, 0xff, 0xff, 0xff, 7])], told: '2147483646 bytes' },
  { guest: [handshake(), message(9)], told: 'type 9' },
  { guest: [handshake(), message(0, [1])], told: 'type 0 with 1 bytes' },
  { guest: [handshake(), message(7, [0, 0, 0, 0, 1, 2, 3])], told: 'piece 0 was not asked for' },
  { guest: [handshake(), message(5, [0, 0]), message(5, [0, 0])], told: 'not the first message' },
  { guest: [handshake(), message(5, [0, 0, 0])], told: 'a bitfield of 3 bytes' },
  { guest: [handshake(), message(4, [0, 0, 0, 13])], told: 'a have for piece 13' },
  { guest: [handshake(), message(6, [0, 0, 0, 14])], told: 'a request for piece 14' },
];

it('guests that break the protocol lose their link and are told of, and the peers go on', async () => {
  const project = await projectOfTest({ peers: peersInOrder(3), fileSize: 200_000 });
  const called = endsWithTest(project.lanshare(1001));
  const { port } = await called.event('peer-listening');
  const friend = project.strictPeer(1002, '--request-every-ms', '40');

  for (const { guest, told } of GUESTS) {
    await callAndWaitForTheEnd(Number(port), guest);
    await called.event('peer-refused', { matches: ({ reason }) => String(reason).includes(told) });
  }
  await expectGoodRun(project, [called, friend, project.strictPeer(1003)]);
});

it('a guest that says nothing takes nothing from the others', async () => {
  const project = await projectOfTest({ peers: peersInOrder(2), fileSize: 200_000 });
  const called = endsWithTest(project.lanshare(1001));
  const { port } = await called.event('peer-listening');
  call(Number(port));
  await expectGoodRun(project, [called, project.strictPeer(1002)]);
});

function handshake({ header = 'P2PFILESHARINGPROJ', id = 1003 } = {}): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write(header);
  bytes.writeUInt32BE(id, 28);
  return bytes;
}

function message(type: number, payload: readonly number[] = []): Buffer {
  return Buffer.from([0, 0, 0, 1 + payload.length, type, ...payload]);
}

async function callAndWaitForTheEnd(port: number, parts: readonly Buffer[]): Promise<void> {
  const socket = call(port);
  for (const part of parts) socket.write(part);
  await new Promise((resolve) => socket.once('close', resolve));
}

function call(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // The other side may close while we write.
  socket.resume();
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}
