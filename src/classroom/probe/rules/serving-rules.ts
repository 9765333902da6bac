import { PROBE_ANSWER_MS, PROBE_MAX_UNCHOKE_WAIT_MS } from '../../../limits.ts';
import { type Conversation, type Entry, handshakeOf, type Piece } from '../conversation.ts';
import { type Dialogue, replay } from '../dialogue.ts';
import { type Facts, pieceLength } from '../facts.ts';
import { byteOrder } from '../frame-shape.ts';
import {
  broken,
  type Finding,
  inEach,
  inScenario,
  kept,
  keptUnless,
  type Rule,
  reactionTo,
  seconds,
} from './rule.ts';

const NOTHING_TO_ASK = 'it had nothing that the probe lacks, or did not unchoke it';

export const servingRules: readonly Rule[] = [
  {
    rule: 'unchoke-in-time',
    text: 'It unchokes its only interested neighbour within the longer one of the two choking intervals.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: `it had nothing that the probe lacks, or its intervals are beyond ${PROBE_MAX_UNCHOKE_WAIT_MS / 1_000} s`,
    judge: inEach(judgeUnchoke),
  },
  {
    rule: 'unchokes-the-interested',
    text: "It unchokes nobody who has not said 'interested'.",
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'no whole handshake came',
    // On later connections it may remember what the same peer said before.
    judge: inScenario('a whole exchange', judgeUnchoked),
  },
  {
    rule: 'choked-unanswered',
    text: 'A request of somebody whom it chokes is not answered.',
    weight: 'rule',
    shownBy: 'a request while choked',
    untested: 'it had no piece that could be asked for, or had unchoked the probe already',
    judge: inEach(judgeChoked),
  },
  {
    rule: 'request-answered',
    text: 'A request of somebody whom it unchoked is answered with the piece.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_TO_ASK,
    judge: inEach(judgeAnswered),
  },
  {
    rule: 'only-requested',
    text: 'It sends only pieces that were asked for, each once a request.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_TO_ASK,
    judge: onPieces(
      () => true,
      ({ index }, { probe }) => {
        const owed = probe.owed.get(index);
        if (owed === undefined)
          return `piece ${index} came, which was never asked for${byteOrder(index, (it) => probe.owed.has(it))}`;
        return owed > 0 ? undefined : `piece ${index} came more often than it was asked for`;
      },
    ),
  },
  {
    rule: 'piece-length',
    text: 'A piece message has the whole piece: PieceSize bytes.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: `${NOTHING_TO_ASK}, or PieceSize is not known`,
    judge: onPieces(({ index }, { file }) => file !== undefined && index < file.pieceCount - 1, lengthFault),
  },
  {
    rule: 'last-piece',
    text: 'The last piece is as long as the rest of the file, and not padded.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: `${NOTHING_TO_ASK}, or FileSize is not known`,
    judge: onPieces(
      ({ index }, { file }) => file !== undefined && index === file.pieceCount - 1,
      lengthFault,
    ),
  },
  {
    rule: 'piece-content',
    text: 'A piece has the content of the file at index times PieceSize.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: `${NOTHING_TO_ASK}, or the file is not at hand`,
    judge: onPieces(
      // A piece of another length has other content anyway.
      ({ index, length, content }, { file }) =>
        content !== 'unknown' && (file === undefined || length === pieceLength(file, index)),
      contentFault,
    ),
  },
];

function judgeUnchoked(conversation: Conversation, facts: Facts): readonly Finding[] {
  for (const { entry, before } of replay(conversation, facts)) {
    if (entry.by !== 'program' || entry.said.type !== 'unchoke') continue;
    if (before.probe.interested === true) break;
    return [broken(conversation, entry, "it unchoked the probe, which had not said 'interested'")];
  }
  return handshakeOf(conversation) === undefined ? [] : [kept()];
}

function judgeUnchoke(conversation: Conversation, facts: Facts): readonly Finding[] {
  const { unchokeWithinMs } = facts;
  if (unchokeWithinMs === undefined) return [];
  for (const { entry, before } of replay(conversation, facts)) {
    if (entry.by !== 'probe' || entry.said.type !== 'interested') continue;
    if (!before.program.choking) return [kept('it unchoked the probe before that was interested')];
    const reaction = reactionTo(conversation, entry, unchokeWithinMs, isUnchoke);
    if (reaction.kind === 'came') return [kept()];
    if (reaction.kind !== 'did not come') return [];
    return [broken(conversation, entry, `no 'unchoke' came within ${seconds(unchokeWithinMs)}`)];
  }
  return [];
}

function isUnchoke({ said }: Entry): boolean {
  return said.type === 'unchoke' || (said.type === 'misshapen' && said.name === 'unchoke');
}

/** A request that was made while choked may be answered once there was an unchoke. */
function judgeChoked(conversation: Conversation, facts: Facts): readonly Finding[] {
  const asked = new Set<number>();
  const breaches: Finding[] = [];
  let judged = false;
  for (const { entry, before } of replay(conversation, facts)) {
    const { by, said } = entry;
    if (by === 'program' && said.type === 'unchoke') asked.clear();
    else if (by === 'probe' && said.type === 'request' && before.program.choking) {
      asked.add(said.index);
      judged = true;
    } else if (by === 'program' && said.type === 'piece' && asked.has(said.index))
      breaches.push(broken(conversation, entry, `piece ${said.index} came although the probe was choked`));
  }
  return keptUnless(breaches, judged);
}

function judgeAnswered(conversation: Conversation, facts: Facts): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { entry, before } of replay(conversation, facts)) {
    const { interestedAgain, requests, owed } = before.probe;
    // These have rules of their own; and what is asked once more is judged at the first time.
    if (entry.sent !== 'as usual' || interestedAgain || requests.size > 0) continue;
    if (isFairRequest(entry, before) && !owed.has(entry.said.index))
      findings.push(...judgeAnswer(conversation, entry));
  }
  return findings;
}

/** Whether a request was answered; nothing where it could not be told. */
export function judgeAnswer(conversation: Conversation, entry: RequestEntry): readonly Finding[] {
  const { index } = entry.said;
  const isAnswer = ({ said }: Entry): boolean =>
    said.type === 'choke' || (said.type === 'piece' && said.index === index);
  const answer = reactionTo(conversation, entry, PROBE_ANSWER_MS, isAnswer);
  switch (answer.kind) {
    case 'came':
      // A choke may leave a request unanswered.
      if (answer.entry.said.type === 'choke') return [];
      return [kept(isAskedAgain(conversation, entry, answer.entry) ? LOST_ONCE : undefined)];
    case 'closed instead':
      return [
        broken(conversation, answer.entry, `it closed the connection when piece ${index} was asked for`),
      ];
    case 'did not come':
      return [broken(conversation, entry, `piece ${index} did not come within ${seconds(PROBE_ANSWER_MS)}`)];
    case 'not awaited':
      return [];
  }
}

const LOST_ONCE = 'a request was lost, and answered when it was made again';

function isAskedAgain({ entries }: Conversation, request: RequestEntry, answer: Entry): boolean {
  const between = entries.slice(entries.indexOf(request) + 1, entries.indexOf(answer));
  return between.some(({ said }) => said.type === 'request' && said.index === request.said.index);
}

export type RequestEntry = Entry & { readonly said: { readonly type: 'request'; readonly index: number } };

/** A request that the program should answer. */
export function isFairRequest(entry: Entry, before: Dialogue): entry is RequestEntry {
  const { by, said } = entry;
  return (
    by === 'probe' &&
    said.type === 'request' &&
    !before.program.choking &&
    before.has(before.program, said.index)
  );
}

/** Judges each piece that the program sent and that the rule is about, by a sentence about what is wrong with it. */
function onPieces(
  isMeant: (piece: Piece, facts: Facts) => boolean,
  fault: (piece: Piece, before: Dialogue) => string | undefined,
): Rule['judge'] {
  return inEach((conversation, facts) => {
    const findings: Finding[] = [];
    for (const { entry, before } of replay(conversation, facts)) {
      if (entry.by !== 'program' || entry.said.type !== 'piece' || !isMeant(entry.said, facts)) continue;
      const text = fault(entry.said, before);
      findings.push(text === undefined ? kept() : broken(conversation, entry, text));
    }
    return findings;
  });
}

function lengthFault({ index, length }: Piece, { file }: Dialogue): string | undefined {
  const right = file === undefined ? length : pieceLength(file, index);
  return length === right ? undefined : `piece ${index} has ${length} bytes, and should have ${right}`;
}

function contentFault({ index, content }: Piece): string | undefined {
  if (typeof content === 'object') return `what came as piece ${index} is piece ${content.pieceInstead}`;
  return content === 'wrong' ? `the content of piece ${index} is not what it should be` : undefined;
}
