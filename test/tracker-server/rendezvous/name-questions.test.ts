import { describe, expect, it } from 'vitest';
import { decodeBeacon } from '../../../src/discovery/beacon/decode-beacon.ts';
import { encodeHoldings } from '../../../src/discovery/beacon/encode-beacon.ts';
import { createIdentity } from '../../../src/gossip/identity.ts';
import {
  DATAGRAMS_PER_SOURCE_PER_SECOND,
  HOLDING_TTL_MS,
  NAMES_ASKED_INTERVAL_MS,
} from '../../../src/limits.ts';
import { NameQuestions } from '../../../src/tracker-server/rendezvous/name-questions.ts';
import { TrackerDatagrams } from '../../../src/tracker-server/rendezvous/tracker-datagrams.ts';
import { DiscoveryLan, hash } from '../../discovery/discovery-lan.ts';

const SECOND_MS = 1_000;
const HOLDER = { host: '10.77.0.9', port: 4_000 };

describe('questions for names', () => {
  it('read no more datagrams of one host than a node sends', async () => {
    const world = new DiscoveryLan(1);
    const { clock, random } = world;
    const { interfaces: interfaceSource } = world.host();
    const sent: Uint8Array[] = [];
    const lan = new TrackerDatagrams({ clock, interfaceSource, send: (bytes) => sent.push(bytes) });
    const [peerId, holder] = [1, 2].map(() => createIdentity(random.bytes(32)).peerId);
    if (peerId === undefined || holder === undefined) throw new RangeError('there are two');
    const questions = new NameQuestions({
      peerId,
      port: 6_969,
      clock,
      random,
      lan,
      unnamed: () => [hash(1)],
      membersFor: () => [{ peerId: holder, endpoint: HOLDER }],
    });
    await clock.advance(NAMES_ASKED_INTERVAL_MS);
    const [question] = sent.map(decodeBeacon);
    if (question === undefined || !('transaction' in question)) throw new TypeError('nothing was asked');

    const holdings = [world.holding({ peerId: holder, port: HOLDER.port, name: 'movie.txt' })];
    const said = { peerId: holder, port: HOLDER.port, holdings, withdrawn: [], lifetimeMs: HOLDING_TTL_MS };
    const { transaction } = question;
    const answers = encodeHoldings({ ...said, answer: { transaction, total: 1, cookie: undefined } });
    const unasked = encodeHoldings({ ...said, answer: undefined });
    const arrive = (datagrams: readonly Uint8Array[]) => {
      for (const bytes of datagrams) expect(lan.receive(bytes, HOLDER)).toBe(true);
    };
    for (let count = 0; count < DATAGRAMS_PER_SOURCE_PER_SECOND; count++) arrive(unasked);
    arrive(answers);
    expect(questions.nameOf(hash(1))).toBeUndefined();
    await clock.advance(SECOND_MS);
    arrive(answers);
    expect(questions.nameOf(hash(1))).toBe('movie.txt');
    await questions.close();
    await world.close();
  });
});
