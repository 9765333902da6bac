import { systemErrorCode } from '../errors.ts';
import {
  MAX_ADDRESSES_PER_NAME,
  TRACKER_LOOK_UP_TIMEOUT_MS,
  UDP_TRACKER_SHORT_TIMEOUTS_MS,
  UDP_TRACKER_TIMEOUTS_MS,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramNetwork } from '../platform/datagram.ts';
import { canonicalAddress, type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Random } from '../platform/random.ts';
import type { AnnounceAnswer, AnnounceRequest, ScrapeCounts } from '../wire/tracker/announce.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import { udpTracker } from '../wire/tracker/tracker-url.ts';
import type { UdpTrackerRequest, UdpTrackerResponse } from '../wire/tracker/udp-tracker-message.ts';
import type { AnnounceHow } from './announce-how.ts';
import { ConnectionIds } from './connection-ids.ts';
import { type ConversationOptions, UdpConversation } from './udp-conversation.ts';
import { UdpQuestions } from './udp-questions.ts';
import { waitFor } from './wait-for.ts';

export interface UdpTrackersOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: DatagramNetwork;
}

type Ask = ConversationOptions['ask'];

/** Asks UDP trackers (BEP 15). The addresses of one that has several are tried in turn. */
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
    const answer = await this.#exchange(endpoint, ask, timeouts, signal);
    if (answer.type !== 'announced') throw new TrackerFault('it does not answer an announcement');
    const { intervalSeconds, seeders, leechers, peers } = answer;
    const unsaid = { minIntervalSeconds: undefined, warning: undefined, trackerId: undefined };
    return { intervalSeconds, seeders, leechers, peers, ...unsaid };
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
    const answer = await this.#exchange(endpoint, ask, UDP_TRACKER_SHORT_TIMEOUTS_MS, signal);
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
    tracker: Endpoint,
    ask: Ask,
    timeouts: readonly number[],
    signal: AbortSignal,
  ): Promise<UdpTrackerResponse> {
    const { clock } = this.#options;
    const common = { questions: this.#questions, ids: this.#ids, clock, signal, ask };
    const addresses = await this.#addressesOf(tracker, signal);
    const conversations = addresses.map((to) => new UdpConversation({ ...common, to }));
    try {
      return await firstAnswer(conversations, timeouts, formatEndpoint(tracker));
    } finally {
      for (const conversation of conversations) conversation.end();
    }
  }

  async #addressesOf({ host, port }: Endpoint, signal: AbortSignal): Promise<readonly Endpoint[]> {
    const { datagrams, clock } = this.#options;
    const found = datagrams.resolve(host).catch((error: unknown) => {
      throw new TrackerFault(`cannot find the address of ${host}: ${systemErrorCode(error) ?? error}`);
    });
    const hosts = await waitFor(found, TRACKER_LOOK_UP_TIMEOUT_MS, clock, signal);
    if (hosts === undefined || hosts.length === 0)
      throw new TrackerFault(`cannot find the address of ${host}`);
    return hosts
      .slice(0, MAX_ADDRESSES_PER_NAME)
      .map((address) => ({ host: canonicalAddress(address), port }));
  }
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
  tracker: string,
): Promise<UdpTrackerResponse> {
  let fault = new TrackerFault(`${tracker} did not answer`);
  const open = [...conversations];
  for (const timeout of timeouts) {
    const conversation = open.shift();
    if (conversation === undefined) break;
    try {
      const answer = await conversation.attempt(timeout);
      if (answer !== undefined) return answer;
      open.push(conversation);
    } catch (error) {
      if (!(error instanceof TrackerFault)) throw error;
      fault = error;
    }
  }
  throw fault;
}
