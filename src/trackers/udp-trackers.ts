import { UDP_TRACKER_SHORT_TIMEOUTS_MS, UDP_TRACKER_TIMEOUTS_MS } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramNetwork } from '../platform/datagram.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Random } from '../platform/random.ts';
import type { AnnounceAnswer, AnnounceRequest, ScrapeCounts } from '../wire/tracker/announce.ts';
import type { AddressFamily } from '../wire/tracker/compact-peers.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import { udpTracker } from '../wire/tracker/tracker-url.ts';
import type { UdpTrackerRequest, UdpTrackerResponse } from '../wire/tracker/udp-tracker-message.ts';
import type { AnnounceHow } from './announce-how.ts';
import { ConnectionIds } from './connection-ids.ts';
import type { LookUps } from './look-ups.ts';
import { overEachFamily } from './over-each-family.ts';
import { peersBelieved } from './peers-believed.ts';
import { trackerAddresses } from './tracker-addresses.ts';
import { type ConversationOptions, UdpConversation } from './udp-conversation.ts';
import { UdpQuestions } from './udp-questions.ts';

export interface UdpTrackersOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: DatagramNetwork;
  readonly lookUps: LookUps;
}

type Ask = ConversationOptions['ask'];

/** Asks UDP trackers (BEP 15). The addresses that one has of a family are tried in turn. */
export class UdpTrackers {
  readonly #options: UdpTrackersOptions;
  readonly #questions: UdpQuestions;
  readonly #ids: ConnectionIds;

  constructor(options: UdpTrackersOptions) {
    this.#options = options;
    this.#questions = new UdpQuestions(options.datagrams, options.random);
    this.#ids = new ConnectionIds(options.clock);
  }

  async announce(
    tracker: string,
    request: AnnounceRequest,
    { signal, patience }: AnnounceHow,
  ): Promise<AnnounceAnswer> {
    const { endpoint, urlData } = located(tracker);
    const timeouts = patience === 'short' ? UDP_TRACKER_SHORT_TIMEOUTS_MS : UDP_TRACKER_TIMEOUTS_MS;
    const ask: Ask = (connectionId, transactionId): UdpTrackerRequest => {
      return { type: 'announce', connectionId, transactionId, request, urlData };
    };
    const addresses = await this.#addressesOf(endpoint, signal);
    return await overEachFamily(
      [...addresses.keys()],
      async (family, either) =>
        announced(await this.#exchange(addresses.get(family) ?? [], ask, timeouts, either)),
      this.#options.clock,
      signal,
    );
  }

  async scrape(
    tracker: string,
    infoHashes: readonly InfoHash[],
    signal: AbortSignal,
  ): Promise<readonly ScrapeCounts[]> {
    const { endpoint } = located(tracker);
    const ask: Ask = (connectionId, transactionId): UdpTrackerRequest => {
      return { type: 'scrape', connectionId, transactionId, infoHashes };
    };
    const addresses = [...(await this.#addressesOf(endpoint, signal)).values()].flat();
    const { answer } = await this.#exchange(addresses, ask, UDP_TRACKER_SHORT_TIMEOUTS_MS, signal);
    if (answer.type !== 'scraped') throw new TrackerFault('it does not answer a scrape');
    return infoHashes.flatMap((infoHash, at) => {
      const counts = answer.contents[at];
      return counts === undefined ? [] : [{ infoHash, ...counts }];
    });
  }

  close(): Promise<void> {
    return this.#questions.close();
  }

  async #exchange(
    addresses: readonly Endpoint[],
    ask: Ask,
    timeouts: readonly number[],
    signal: AbortSignal,
  ): Promise<Answered> {
    const { clock } = this.#options;
    const common = { questions: this.#questions, ids: this.#ids, clock, signal, ask };
    const conversations = addresses.map((to) => new UdpConversation({ ...common, to }));
    try {
      return await firstAnswer(conversations, timeouts);
    } finally {
      for (const conversation of conversations) conversation.end();
    }
  }

  async #addressesOf(
    { host, port }: Endpoint,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<AddressFamily, readonly Endpoint[]>> {
    const { lookUps, clock } = this.#options;
    const found = await trackerAddresses(host, lookUps, clock, signal);
    return new Map([...found].map(([family, hosts]) => [family, hosts.map((one) => ({ host: one, port }))]));
  }
}

interface Answered {
  readonly by: Endpoint;
  readonly answer: UdpTrackerResponse;
}

function announced({ by, answer }: Answered): AnnounceAnswer {
  if (answer.type !== 'announced') throw new TrackerFault('it does not answer an announcement');
  const { intervalSeconds, seeders, leechers } = answer;
  const peers = peersBelieved(answer.peers, by.host);
  const unsaid = { minIntervalSeconds: undefined, warning: undefined, trackerId: undefined };
  return { intervalSeconds, seeders, leechers, peers, ...unsaid };
}

function located(tracker: string): { readonly endpoint: Endpoint; readonly urlData: string } {
  const found = udpTracker(tracker);
  if (found === undefined) throw new TrackerFault('its address has no host or port');
  return found;
}

/** What one address cannot do, another may: only the last fault is told. */
async function firstAnswer(
  conversations: readonly UdpConversation[],
  timeouts: readonly number[],
): Promise<Answered> {
  const asked = conversations.map(({ to }) => formatEndpoint(to)).join(' and ');
  let fault = new TrackerFault(`${asked} did not answer`);
  const open = [...conversations];
  for (const timeout of timeouts) {
    const conversation = open.shift();
    if (conversation === undefined) break;
    try {
      const answer = await conversation.attempt(timeout);
      if (answer !== undefined) return { by: conversation.to, answer };
      open.push(conversation);
    } catch (error) {
      if (!(error instanceof TrackerFault)) throw error;
      fault = error;
    }
  }
  throw fault;
}
