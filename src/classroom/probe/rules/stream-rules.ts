import { PROBE_ANSWER_MS, PROBE_SILENCE_MS } from '../../../limits.ts';
import { type Conversation, type Entry, endOf } from '../conversation.ts';
import { replay } from '../dialogue.ts';
import type { Facts } from '../facts.ts';
import { broken, type Finding, inEach, kept, type Rule, seconds } from './rule.ts';
import { isFairRequest, judgeAnswer } from './serving-rules.ts';

const NOTHING_TO_ASK = 'it had nothing that the probe lacks, or did not unchoke it';

/** How messages may lie in the stream of bytes, and follow each other. */
export const streamRules: readonly Rule[] = [
  {
    rule: 'request-split',
    text: 'A message that arrives byte by byte is understood.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_TO_ASK,
    judge: onFairRequests(({ sent }) => sent === 'byte by byte'),
  },
  {
    rule: 'messages-together',
    text: 'Several messages that arrive in one packet are all understood.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_TO_ASK,
    judge: onFairRequests(({ sent }) => sent === 'with others in one'),
  },
  {
    rule: 'connection-kept',
    text: 'It keeps the connection as long as somebody lacks a piece.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'the connection was not taken',
    judge: inEach((conversation) => {
      if (!['a whole exchange', 'a handshake byte by byte'].includes(conversation.scenario)) return [];
      const end = conversation.entries.find(({ by, said }) => by === 'program' && said.type === 'closed');
      if (end === undefined) return [kept()];
      return [
        broken(conversation, end, `it closed the connection after the probe's ${lastWord(conversation)}`),
      ];
    }),
  },
  {
    rule: 'interested-repeated',
    text: "A second 'interested' in a row changes nothing: requests are still answered.",
    weight: 'advice',
    shownBy: 'a whole exchange',
    untested: NOTHING_TO_ASK,
    judge: inEach(judgeRepeatedInterest),
  },
  {
    rule: 'requests-pipelined',
    text: 'Of two requests at once it answers one or both, each with the right piece.',
    weight: 'advice',
    shownBy: 'a second exchange',
    untested: NOTHING_TO_ASK,
    judge: inEach(judgePipelined),
  },
  {
    rule: 'beyond-the-end',
    text: 'A request for a piece beyond the end of the file is not answered.',
    weight: 'advice',
    shownBy: 'a second exchange',
    untested: `${NOTHING_TO_ASK}, or the number of pieces is not known`,
    judge: inEach(judgeBeyondEnd),
  },
];

function onFairRequests(isMeant: (entry: Entry) => boolean): Rule['judge'] {
  return inEach((conversation, facts) => {
    const findings: Finding[] = [];
    for (const { entry, before } of replay(conversation, facts))
      if (isFairRequest(entry, before) && isMeant(entry)) findings.push(...judgeAnswer(conversation, entry));
    return findings;
  });
}

function judgeRepeatedInterest(conversation: Conversation, facts: Facts): readonly Finding[] {
  for (const { entry, before } of replay(conversation, facts))
    if (before.probe.interestedAgain && isFairRequest(entry, before)) return judgeAnswer(conversation, entry);
  return [];
}

function judgePipelined(conversation: Conversation): readonly Finding[] {
  const requests = conversation.entries.filter(({ sent }) => sent === 'two requests in one');
  const [first] = requests;
  if (first === undefined) return [];
  const asked = requests.map(({ said }) => (said.type === 'request' ? said.index : undefined));
  const after = conversation.entries.filter(({ at, by }) => by === 'program' && at >= first.at);
  const answers = after.filter(({ said }) => said.type === 'piece' && asked.includes(said.index));
  if (answers.length > 0) return [kept(answers.length > 1 ? undefined : 'it answers one of them')];
  const closed = after.find(({ said }) => said.type === 'closed');
  if (closed !== undefined) return [broken(conversation, closed, 'it closed the connection')];
  if (endOf(conversation) - first.at < PROBE_ANSWER_MS) return [];
  return [broken(conversation, first, `no piece came within ${seconds(PROBE_ANSWER_MS)}`)];
}

function judgeBeyondEnd(conversation: Conversation, { file }: Facts): readonly Finding[] {
  if (file === undefined) return [];
  const request = conversation.entries.find(
    ({ by, said }) => by === 'probe' && said.type === 'request' && said.index >= file.pieceCount,
  );
  if (request === undefined) return [];
  const after = conversation.entries.filter(({ at, by }) => by === 'program' && at >= request.at);
  const answer = after.find(({ said }) => said.type === 'piece' && said.index >= file.pieceCount);
  if (answer !== undefined) return [broken(conversation, answer, 'a piece came that the file does not have')];
  if (after.some(({ said }) => said.type === 'closed')) return [kept('it closed the connection')];
  return endOf(conversation) - request.at < PROBE_SILENCE_MS ? [] : [kept()];
}

function lastWord({ entries }: Conversation): string {
  const said = entries.findLast(({ by }) => by === 'probe')?.said;
  if (said === undefined) return 'silence';
  return 'index' in said ? `'${said.type}' of piece ${said.index}` : `'${said.type}'`;
}
