/**
 * A peer that misbehaves, written from docs/PROTOCOL.md alone: it shares no code with src, so it also tests the
 * document. `node bad-peer.mjs corrupt|stall FILE.torrent PORT [content]`
 *
 *  corrupt  claims every piece and sends zeros with a checksum that fits
 *  stall    claims every piece, unchokes, and then says nothing more
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { crc32 } from 'node:zlib';

const [, , manner, torrentPath, port] = process.argv;
const info = infoOf(readFileSync(torrentPath));
const { length, pieceLength } = info;
const pieceCount = Math.ceil(length / pieceLength);
const peerId = Buffer.concat([Buffer.from('-XX0001-'), Buffer.alloc(12, manner.length)]);

createServer((socket) => {
  let waiting = Buffer.alloc(0);
  let shaken = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    if (!shaken && waiting.length >= 32) {
      shaken = true;
      waiting = waiting.subarray(32);
      socket.write(Buffer.concat([Buffer.from('P2PFILESHARINGPROJ'), Buffer.alloc(10), peerId.subarray(16)]));
    }
    while (shaken && waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE()) {
      const size = waiting.readUInt32BE();
      answer(socket, waiting.readUInt8(4), waiting.subarray(5, 4 + size));
      waiting = waiting.subarray(4 + size);
    }
  });
}).listen(Number(port), () => process.stdout.write('listening\n'));

function answer(socket, type, payload) {
  if (type === 16) {
    socket.write(frame(16, hello()));
    socket.write(frame(5, allPieces()));
  }
  // Interested: unchoke. A metainfo request: the slice. A request: what this peer is here for.
  if (type === 2) socket.write(frame(1));
  if (type === 17) {
    const offset = payload.readUInt32BE();
    const slice = info.bytes.subarray(offset, offset + payload.readUInt32BE(4));
    socket.write(frame(18, Buffer.concat([payload.subarray(0, 4), slice])));
  }
  if (type === 6 && manner === 'corrupt') {
    const index = payload.readUInt32BE();
    const content = Buffer.alloc(Math.min(pieceLength, length - index * pieceLength));
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(content));
    socket.write(frame(7, Buffer.concat([payload, content, checksum])));
  }
}

function hello() {
  const hash = createHash('sha1').update(info.bytes).digest();
  return Buffer.concat([
    Buffer.from('d8:featuresl5:crc32e9:info_hash20:'),
    hash,
    Buffer.from(`13:metainfo_sizei${info.bytes.length}e7:peer_id20:`),
    peerId,
    Buffer.from(`4:porti${port}e4:reqqi100e1:vi1ee`),
  ]);
}

function allPieces() {
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8));
  for (let index = 0; index < pieceCount; index++) bits[index >> 3] |= 0x80 >> (index & 7);
  return bits;
}

function frame(type, payload = Buffer.alloc(0)) {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(1 + payload.length);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, payload]);
}

/** After the info dictionary of a single-file .torrent come the piece layers of v2, or its end. */
function infoOf(torrent) {
  const layers = torrent.indexOf('12:piece layers');
  const bytes = torrent.subarray(torrent.indexOf('4:info') + 6, layers < 0 ? -1 : layers);
  const text = bytes.toString('latin1');
  const number = (key) => Number(new RegExp(`${key}i(\\d+)e`).exec(text)[1]);
  return { bytes, length: number('6:length'), pieceLength: number('12:piece length') };
}
