import { LanshareError, systemErrorCode } from '../../errors.ts';
import { PROBE_BETWEEN_MS, PROBE_DIAL_MS, PROBE_DIAL_RETRY_MS, PROBE_TOTAL_MS } from '../../limits.ts';
import { sleep } from '../../platform/clock.ts';
import { formatEndpoint } from '../../platform/endpoint.ts';
import type { Connection } from '../../platform/network.ts';
import { decodeHandshake } from '../../wire/lan/handshake.ts';
import { type Conversation, handshakeOf, SCENARIOS, type ScenarioName } from './conversation.ts';
import { type Facts, factsOf } from './facts.ts';
import { judge } from './judge.ts';
import { notesOn } from './notes.ts';
import { PieceBook } from './piece-book.ts';
import type { Probe, ProbeOptions } from './probe-api.ts';
import { PLAYS } from './scenarios/scenarios.ts';
import { Session } from './session.ts';

/** See `Probe`. */
export const probe: Probe = async (options) => {
  const { clock, target, project, reference } = options;
  const facts = factsOf(project, target, options.as);
  const startedAt = clock.now();
  const stage: Stage = { options, facts, pieces: new PieceBook(facts.file, reference) };
  const { conversations, stopped } = await playAll(stage);
  const evidence = { facts, conversations };
  return {
    target,
    as: facts.as,
    id: idOf(conversations),
    verdicts: judge(evidence, stopped),
    notes: notesOn(options, facts, stage.pieces, stopped),
    durationMs: clock.now() - startedAt,
  };
};

interface Stage {
  readonly options: ProbeOptions;
  readonly facts: Facts;
  readonly pieces: PieceBook;
}

interface Played {
  readonly conversations: readonly Conversation[];
  /** Why the rest was not played. */
  readonly stopped: string | undefined;
}

async function playAll(stage: Stage): Promise<Played> {
  const { clock, onProgress } = stage.options;
  const deadline = clock.now() + PROBE_TOTAL_MS;
  const conversations: Conversation[] = [];
  for (const [at, name] of SCENARIOS.entries()) {
    if (clock.now() > deadline) return { conversations, stopped: 'the time for all scenarios was over' };
    onProgress({ scenario: at + 1, scenarios: SCENARIOS.length, name });
    const conversation = await play(stage, name, at === 0);
    conversations.push(conversation);
    const stopped = whyStop(conversation);
    if (stopped !== undefined) return { conversations, stopped };
  }
  return { conversations, stopped: undefined };
}

/** A conversation without an entry: nobody listened. */
async function play(stage: Stage, scenario: ScenarioName, isFirst: boolean): Promise<Conversation> {
  const { facts, pieces, options } = stage;
  const { clock, signal } = options;
  const connection = await dial(options).catch((error: unknown) => {
    signal.throwIfAborted();
    if (isFirst) throw nobodyListens(options, error);
    return undefined;
  });
  if (connection === undefined) return { scenario, entries: [] };
  const session = new Session({ connection, scenario, facts, pieces, clock, signal });
  try {
    await PLAYS[scenario]({ session, facts, pieces });
  } finally {
    await session.close(PROBE_BETWEEN_MS);
  }
  return session.conversation;
}

/** Tries for some time: somebody starts the program in another window, or it takes its time between two peers. */
async function dial({ network, clock, target, signal }: ProbeOptions): Promise<Connection> {
  const timeout = new AbortController();
  const timer = clock.setTimer(PROBE_DIAL_MS, () => timeout.abort());
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    return await dialUntil(either);
  } finally {
    timer.cancel();
  }

  async function dialUntil(over: AbortSignal): Promise<Connection> {
    try {
      return await network.dial(target, over);
    } catch (error) {
      await sleep(clock, PROBE_DIAL_RETRY_MS, over);
      if (over.aborted) throw error;
    }
    return dialUntil(over);
  }
}

function whyStop(conversation: Conversation): string | undefined {
  if (conversation.entries.length === 0) return 'nobody listened there any more';
  if (handshakeOf(conversation) !== undefined) return undefined;
  switch (conversation.scenario) {
    case 'a whole exchange':
      return 'it did not answer the handshake';
    case 'a request while choked':
      return 'it did not take a second connection of the same peer';
    case 'a handshake byte by byte':
    case 'a wrong header':
    case 'an ID that nobody lists':
      return undefined;
    default:
      return 'it answered no more connections';
  }
}

function idOf(conversations: readonly Conversation[]): number | undefined {
  const bytes = conversations.map(handshakeOf).find((handshake) => handshake !== undefined);
  return bytes === undefined ? undefined : decodeHandshake(bytes).id;
}

function nobodyListens({ target }: ProbeOptions, cause: unknown): LanshareError {
  const code = systemErrorCode(cause);
  return new LanshareError(
    'NETWORK',
    `nobody listens at ${formatEndpoint(target)}${code === undefined ? '' : ` (${code})`}`,
    'start the program under test first; its PeerInfo.cfg says the port',
    { cause },
  );
}
