import type { Clock } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import type {
  ConnectionId,
  UdpTrackerRequest,
  UdpTrackerResponse,
} from '../wire/tracker/udp-tracker-message.ts';
import type { ConnectionIds } from './connection-ids.ts';
import type { UdpQuestion, UdpQuestions } from './udp-questions.ts';
import { waitFor } from './wait-for.ts';

export interface ConversationOptions {
  readonly to: Endpoint;
  readonly questions: UdpQuestions;
  readonly ids: ConnectionIds;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What is asked once there is a connection id. */
  ask(connectionId: ConnectionId, transactionId: number): UdpTrackerRequest;
}

/**
 * One request to one address of a UDP tracker (BEP 15): a connection id first, then the question. Each attempt sends
 * again what has not been answered, with the transaction id of the first time, so that a late answer counts.
 */
export class UdpConversation {
  readonly #options: ConversationOptions;
  #connecting: UdpQuestion | undefined;
  #asking: UdpQuestion | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  get to(): Endpoint {
    return this.#options.to;
  }

  /** The answer, or undefined where none has come in time. Rejects with TrackerFault where it is a refusal. */
  async attempt(timeoutMs: number): Promise<UdpTrackerResponse | undefined> {
    const { clock, ids, to } = this.#options;
    const deadline = clock.now() + timeoutMs;
    const known = ids.of(to);
    const answer = await this.#askWith(known ?? (await this.#connect(deadline)), deadline);
    if (answer !== undefined && answer.type !== 'error') return answer;
    // Our address may be another one now, for which the id is no proof: some trackers are silent then.
    if (known !== undefined) ids.forget(to);
    if (answer === undefined) return undefined;
    if (known === undefined) throw new TrackerFault(answer.message);
    // A tracker that was restarted knows none of its earlier ids.
    this.#restart();
    const second = await this.#askWith(await this.#connect(deadline), deadline);
    if (second?.type === 'error') throw new TrackerFault(second.message);
    return second;
  }

  end(): void {
    this.#restart();
  }

  #restart(): void {
    this.#connecting?.end();
    this.#asking?.end();
    this.#connecting = undefined;
    this.#asking = undefined;
  }

  async #connect(deadline: number): Promise<ConnectionId | undefined> {
    const { questions, to, ids, clock, signal } = this.#options;
    this.#connecting ??= questions.open(to);
    const { transactionId } = this.#connecting;
    await this.#connecting.send({ type: 'connect', transactionId });
    const answer = await waitFor(this.#connecting.answer, deadline - clock.now(), clock, signal);
    if (answer === undefined) return undefined;
    // Answered: the next id is another question.
    this.#connecting.end();
    this.#connecting = undefined;
    if (answer.type === 'error') throw new TrackerFault(answer.message);
    if (answer.type !== 'connected') throw this.#mixedUp();
    ids.keep(to, answer.connectionId);
    return answer.connectionId;
  }

  async #askWith(id: ConnectionId | undefined, deadline: number): Promise<UdpTrackerResponse | undefined> {
    if (id === undefined) return undefined;
    const { questions, to, ask, clock, signal } = this.#options;
    this.#asking ??= questions.open(to);
    const request = ask(id, this.#asking.transactionId);
    await this.#asking.send(request);
    const answer = await waitFor(this.#asking.answer, deadline - clock.now(), clock, signal);
    if (answer === undefined || answer.type === 'error') return answer;
    if (answer.type !== ANSWERS[request.type]) throw this.#mixedUp();
    return answer;
  }

  #mixedUp(): TrackerFault {
    return new TrackerFault(`${formatEndpoint(this.#options.to)} answered something else than it was asked`);
  }
}

const ANSWERS = { connect: 'connected', announce: 'announced', scrape: 'scraped' } as const;
