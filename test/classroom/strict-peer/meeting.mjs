import { connect, createServer } from 'node:net';
import { Connection } from './connection.mjs';

const RETRY_MS = 300;
const RETRIES = 33;

/**
 * Dials all that stand before `me` in PeerInfo.cfg and accepts those after. `met(connection, id, dialed)` is called
 * after the handshakes and gives what hears the messages: `{ message(type, payload), close() }`. `failed(why)` tells
 * that this peer cannot take part.
 */
export function meetOthers({ me, peers, habits, met, failed }) {
  const listed = new Set(peers.map(({ id }) => id));
  const earlier = peers.slice(0, peers.indexOf(me));
  const server = createServer((socket) => shake(socket, undefined));
  server.on('error', (error) => failed(error.message));
  server.listen(me.port, () => {
    for (const peer of earlier) dial(peer, habits.retryDials ? RETRIES : 0);
  });

  function dial(peer, retries) {
    const socket = connect(peer.port, peer.host);
    shake(socket, peer.id, () => {
      if (retries === 0) failed(`peer ${peer.id} does not answer`);
      else setTimeout(() => dial(peer, retries - 1), RETRY_MS);
    });
  }

  function shake(socket, expectedId, lost) {
    const dialed = expectedId !== undefined;
    let hearer;
    const connection = new Connection(socket, habits, {
      handshake(id) {
        if (dialed ? id !== expectedId : !listed.has(id)) throw new Error(`a wrong ID: ${id}`);
        if (!dialed) connection.sendHandshake(me.id);
        hearer = met(connection, id, dialed);
      },
      message: (type, payload) => hearer.message(type, payload),
      close: () => (hearer === undefined ? lost?.() : hearer.close()),
    });
    if (dialed) connection.sendHandshake(me.id);
  }
}
