/**
 * One fetching node that writes down when it wins pieces and when it hears that others have won some. Runs for
 * SECONDS and then prints, as one line of JSON, `won` and `heard`: [milliseconds since 1970, peer id, pieces held].
 * Usage: knowing-node.mjs NAME OUT SECONDS BYTES_PER_SECOND
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createNode } from '../../dist/node/create-node.js';
import { systemDiscoveries } from '../../dist/node/system-discoveries.js';

const [name, out, seconds, limitDown] = process.argv.slice(2);
const won = [];
const heard = [];

/** A way to find peers, listened in on. */
const listening = (factory) => async (context) => {
  const discovery = await factory({
    ...context,
    heard(sighting) {
      if (sighting.kind === 'holding') note(heard, sighting.holding);
      context.heard(sighting);
    },
  });
  const announce = discovery.announce.bind(discovery);
  discovery.announce = (holdings) => {
    for (const holding of holdings) note(won, holding);
    announce(holdings);
  };
  return discovery;
};

function note(list, { peerId, pieces, pieceCount }) {
  const count = pieces.kind === 'all' ? pieceCount : pieces.count;
  if ((list.most?.get(peerId) ?? 0) >= count) return;
  list.most ??= new Map();
  list.most.set(peerId, count);
  list.push([performance.timeOrigin + performance.now(), peerId, count]);
}

const node = await createNode({
  limitDown: Number(limitDown),
  platform: { discoveries: systemDiscoveries({}).map(listening) },
});
const fetching = node.fetch({ kind: 'name', name }, { out, seed: { kind: 'forever' }, timeoutMs: 60_000 });
fetching.catch(() => {});
await sleep(Number(seconds) * 1000);
process.stdout.write(`${JSON.stringify({ won, heard })}\n`);
await node.close();
