import { afterEach, describe, expect, it } from 'vitest';
import { summarizePieces } from '../../src/holdings/piece-summary.ts';
import { repeat, type Timer } from '../../src/platform/clock.ts';
import { LIES, Liar, type Lie } from '../support/liar.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
/** LIARS_PEERS=200 npx vitest run test/transfer/liars.test.ts takes minutes. */
const PEERS = Number(process.env['LIARS_PEERS'] ?? 40);
const PIECES = Number(process.env['LIARS_PIECES'] ?? 128);
const FEW_PEERS = 20;
const LIAR_SHARE = 0.2;
const PIECE_LENGTH = 16 * 1024;
const UPLINK_BYTES_PER_SECOND = 400_000;
const GOSSIP_INTERVAL_MS = 500;

let sim: SimulatedSwarm | undefined;
let gossip: Timer | undefined;

afterEach(async () => {
  gossip?.cancel();
  await sim?.close();
  sim = undefined;
});

/** Everybody hears what everybody says that it holds, now and then. */
function gossiping(swarm: SimulatedSwarm, liars: readonly Liar[]): Timer {
  const round = (): void => {
    for (const peer of swarm.peers) {
      for (const other of swarm.peers) {
        const { peerId, endpoint, store } = other;
        const pieces = summarizePieces(store.have);
        const { pieceCount } = swarm.metainfo;
        if (other !== peer) peer.swarm.heard({ peerId, addresses: [endpoint], pieceCount, pieces });
      }
      for (const { peerId, endpoint, pieces } of liars)
        peer.swarm.heard({ peerId, addresses: [endpoint], pieceCount: swarm.metainfo.pieceCount, pieces });
    }
  };
  round();
  return repeat(swarm.clock, GOSSIP_INTERVAL_MS, round);
}

/** Virtual milliseconds after which each honest fetch was complete. */
async function honestTimes(peers: number, lies: readonly Lie[]): Promise<number[]> {
  const liarCount = Math.round(peers * LIAR_SHARE);
  const honest = peers - liarCount;
  sim = new SimulatedSwarm({
    seed,
    pieces: PIECES,
    pieceLength: PIECE_LENGTH,
    uplinkBytesPerSecond: UPLINK_BYTES_PER_SECOND,
  });
  await sim.addSeed();
  await sim.addSeed();
  for (let count = 2; count < honest; count++) await sim.addFetcher();
  const liars: Liar[] = [];
  for (let count = 0; count < (lies.length === 0 ? 0 : liarCount); count++)
    liars.push(await Liar.join(sim, lies[Math.floor(count / 2) % lies.length] ?? 'stalls', count));
  gossip = gossiping(sim, liars);
  for (const liar of liars) for (const peer of sim.peers) void liar.call(peer).catch(() => {});
  expect(await sim.run(600_000)).toBe(true);
  for (const { store } of sim.peers) expect(Buffer.from(store.bytes).equals(sim.content.bytes)).toBe(true);
  const times = sim.peers.flatMap(({ completeAt }) => completeAt ?? []);
  gossip.cancel();
  await sim.close();
  return times;
}

function longest(times: readonly number[]): string {
  return (Math.max(...times) / 1000).toFixed(1);
}

/** The figures of a run that was asked for. */
function tell(text: string): void {
  if (process.env['LIARS_PEERS'] !== undefined) process.stdout.write(`${text}\n`);
}

describe(`a swarm of which a fifth lie (SEED=${seed})`, () => {
  it(`every honest fetch of ${PEERS} peers takes at most half as long again as undisturbed`, async () => {
    const undisturbed = await honestTimes(PEERS, []);
    const disturbed = await honestTimes(PEERS, LIES);
    const worst = Math.max(...disturbed.map((time, at) => time / (undisturbed[at] ?? 0)));
    tell(
      `the last after ${longest(undisturbed)} s, with liars ${longest(disturbed)} s; worst ${worst.toFixed(2)}`,
    );
    expect(worst).toBeLessThan(1.5);
  }, 1_800_000);

  it.each(LIES)(
    'also where all of them lie in one way: %s',
    async (lie) => {
      const undisturbed = await honestTimes(FEW_PEERS, []);
      const disturbed = await honestTimes(FEW_PEERS, [lie]);
      tell(`${lie}: the last after ${longest(undisturbed)} s, with liars ${longest(disturbed)} s`);
      expect(Math.max(...disturbed) / Math.max(...undisturbed)).toBeLessThan(1.5);
    },
    60_000,
  );
});
