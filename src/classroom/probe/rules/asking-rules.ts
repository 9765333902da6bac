import { PROBE_HOLD_MS, PROBE_IN_FLIGHT_MS, PROBE_REACTION_MS } from '../../../limits.ts';
import type { Conversation, Entry } from '../conversation.ts';
import { Dialogue, replay } from '../dialogue.ts';
import type { Facts } from '../facts.ts';
import { byteOrder } from '../frame-shape.ts';
import { broken, type Finding, inEach, kept, type Reaction, type Rule, reactionTo, seconds } from './rule.ts';

const NOTHING_ASKED = 'it has the whole file, or asked for nothing';

export const askingRules: readonly Rule[] = [
  {
    rule: 'requests-after-unchoke',
    text: 'Interested and unchoked, it asks for a piece.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'it has the whole file, or was not interested',
    judge: inEach((conversation, facts) => judgeNextRequest('unchoke', conversation, facts)),
  },
  {
    rule: 'requests-next',
    text: 'After a piece it asks for the next one, as long as the neighbour has one that it lacks.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_ASKED,
    judge: inEach((conversation, facts) => judgeNextRequest('piece', conversation, facts)),
  },
  {
    rule: 'have-after-piece',
    text: "After each piece it tells its neighbours with 'have'.",
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_ASKED,
    judge: inEach(judgeHave),
  },
  {
    rule: 'requests-what-is-held',
    text: 'It asks only for pieces that the neighbour says it has.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_ASKED,
    judge: onRequests((index, before) =>
      before.has(before.probe, index)
        ? undefined
        : `it asked for piece ${index}, which the probe never claimed${byteOrder(index, (it) => before.has(before.probe, it))}`,
    ),
  },
  {
    rule: 'requests-what-it-lacks',
    text: 'It asks only for pieces that it lacks.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_ASKED,
    judge: onRequests((index, before) =>
      before.program.told.has(index) ? `it asked for piece ${index}, which it has` : undefined,
    ),
  },
  {
    rule: 'one-request',
    text: 'It has one request outstanding on a connection, not more.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_ASKED,
    judge: onRequests((index, { program, probe }, { at }) => {
      const open = [...program.requests].find(([, since]) => at - since < PROBE_HOLD_MS);
      if (open === undefined || at - probe.unchokedAgainAt <= PROBE_HOLD_MS) return undefined;
      return `it asked for piece ${index} ${seconds(at - open[1])} after piece ${open[0]}, which it had not got`;
    }),
  },
  {
    rule: 'no-request-while-choked',
    text: 'It asks for nothing while it is choked.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: NOTHING_ASKED,
    judge: onRequests((index, { probe }, { at }) =>
      probe.choking && at - probe.chokedAt > PROBE_IN_FLIGHT_MS
        ? `it asked for piece ${index} while the probe choked it`
        : undefined,
    ),
  },
  {
    rule: 'unchoke-repeated',
    text: 'A second unchoke in a row changes nothing: no second request follows.',
    weight: 'advice',
    shownBy: 'a whole exchange',
    untested: NOTHING_ASKED,
    judge: inEach(judgeRepeatedUnchoke),
  },
];

/** What must follow when the probe unchokes, or has given a piece, and the program still lacks something. */
function judgeNextRequest(
  trigger: 'unchoke' | 'piece',
  conversation: Conversation,
  facts: Facts,
): readonly Finding[] {
  const after = new Dialogue(facts);
  return conversation.entries.flatMap((entry) => {
    const wasChoking = after.probe.choking;
    after.apply(entry);
    if (entry.by !== 'probe' || entry.said.type !== trigger || after.probe.choking) return [];
    if (!after.programShouldWant || after.program.interested !== true) return [];
    if (after.program.requests.size > 0 || (trigger === 'unchoke' && !wasChoking)) return [];
    const reaction = reactionTo(
      conversation,
      entry,
      PROBE_REACTION_MS,
      ({ said }) => said.type === 'request',
    );
    return findingOf(conversation, entry, reaction, 'no request came');
  });
}

function judgeHave(conversation: Conversation, facts: Facts): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { entry, before } of replay(conversation, facts)) {
    const { by, said } = entry;
    if (by !== 'probe' || said.type !== 'piece' || before.has(before.program, said.index)) continue;
    const reaction = reactionTo(
      conversation,
      entry,
      PROBE_REACTION_MS,
      (answer) => answer.said.type === 'have' && answer.said.index === said.index,
    );
    findings.push(...findingOf(conversation, entry, reaction, `no 'have' for piece ${said.index} came`));
  }
  return findings;
}

function judgeRepeatedUnchoke(conversation: Conversation, facts: Facts): readonly Finding[] {
  for (const { entry, before } of replay(conversation, facts)) {
    if (entry.by !== 'probe' || entry.said.type !== 'unchoke' || before.probe.choking) continue;
    if (before.program.requests.size === 0) continue;
    const reaction = reactionTo(conversation, entry, PROBE_HOLD_MS, ({ said }) => said.type === 'request');
    if (reaction.kind === 'did not come') return [kept()];
    if (reaction.kind === 'came')
      return [
        broken(conversation, reaction.entry, 'it asked for a second piece before it had got the first one'),
      ];
  }
  return [];
}

function findingOf(
  conversation: Conversation,
  trigger: Entry,
  reaction: Reaction,
  missing: string,
): readonly Finding[] {
  switch (reaction.kind) {
    case 'came':
      return [kept()];
    case 'did not come':
      return [broken(conversation, trigger, `${missing} within ${seconds(PROBE_REACTION_MS)}`)];
    case 'closed instead':
      return [broken(conversation, reaction.entry, `${missing}: it closed the connection`)];
    case 'not awaited':
      return [];
  }
}

/** Judges each request of the program by a sentence about what is wrong with it. */
function onRequests(
  fault: (index: number, before: Dialogue, entry: Entry) => string | undefined,
): Rule['judge'] {
  return inEach((conversation, facts) => {
    const findings: Finding[] = [];
    for (const { entry, before } of replay(conversation, facts)) {
      if (entry.by !== 'program' || entry.said.type !== 'request') continue;
      const text = fault(entry.said.index, before, entry);
      findings.push(text === undefined ? kept() : broken(conversation, entry, text));
    }
    return findings;
  });
}
