import { PROBE_REACTION_MS } from '../../../limits.ts';
import type { Conversation, Entry } from '../conversation.ts';
import { Dialogue } from '../dialogue.ts';
import type { Facts } from '../facts.ts';
import { broken, type Finding, inEach, kept, type Rule, seconds, windowAfter } from './rule.ts';

export const interestRules: readonly Rule[] = [
  {
    rule: 'interest-after-bitfield',
    text: "It answers a bitfield with 'interested' where that has pieces it lacks, else with 'not interested'.",
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'the number of pieces is not known: Common.cfg is not at hand',
    judge: inEach((conversation, facts) => judgeAfter('bitfield', conversation, facts)),
  },
  {
    rule: 'interest-after-have',
    text: "A 'have' for a piece that it lacks makes it interested, choked or not.",
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'it has the whole file, or the number of pieces is not known',
    judge: inEach((conversation, facts) => judgeAfter('have', conversation, facts)),
  },
  {
    rule: 'interest-after-piece',
    text: "After a piece it decides again, and says 'not interested' when there is nothing left to want.",
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'it fetched no piece from the probe, or not all that it could have',
    judge: inEach((conversation, facts) => judgeAfter('piece', conversation, facts)),
  },
];

type Trigger = 'bitfield' | 'have' | 'piece';

function judgeAfter(trigger: Trigger, conversation: Conversation, facts: Facts): readonly Finding[] {
  if (facts.file === undefined) return [];
  const findings: Finding[] = [];
  const dialogue = new Dialogue(facts);
  conversation.entries.forEach((entry, at) => {
    const wanted = dialogue.programShouldWant;
    dialogue.apply(entry);
    if (entry.by !== 'probe' || entry.said.type !== trigger) return;
    // A have that changes nothing asks for no decision; neither does a piece with more to come.
    if (trigger !== 'bitfield' && dialogue.programShouldWant === wanted) return;
    const finding = judgeWindow(conversation, facts, at, mustBeAnswered(entry));
    if (finding !== undefined) findings.push(finding);
  });
  return findings;
}

/** What the program says of its interest from the entry at `at` on, until it could change again. */
function judgeWindow(
  conversation: Conversation,
  facts: Facts,
  at: number,
  mustSay: boolean,
): Finding | undefined {
  const dialogue = new Dialogue(facts);
  for (const entry of conversation.entries.slice(0, at + 1)) dialogue.apply(entry);
  const trigger = conversation.entries[at];
  if (trigger === undefined) return undefined;
  const { entries, whole } = windowAfter(conversation, trigger, PROBE_REACTION_MS, isTurningPoint);
  for (const entry of entries) dialogue.apply(entry);
  const said = dialogue.program.interested;
  const wants = dialogue.programShouldWant;
  // By PeerInfo.cfg it lacks nothing. That its bitfield says something else is another rule.
  if (said === false && facts.hasFile === true) return kept();
  if (said === wants || (said === undefined && !wants && !mustSay)) return kept();
  return whole ? broken(conversation, trigger, faultOf(trigger, said, wants)) : undefined;
}

/** A bitfield of zeros says no more than none. */
function mustBeAnswered({ said }: Entry): boolean {
  return said.type === 'bitfield' && said.bits.some((byte) => byte !== 0);
}

/** From here on something else may be expected. */
function isTurningPoint({ by, said }: Entry): boolean {
  return by === 'probe' && ['bitfield', 'have', 'piece'].includes(said.type);
}

function faultOf({ said: { type } }: Entry, said: boolean | undefined, wants: boolean): string {
  const when = type === 'piece' ? 'the last piece that it could want' : `the probe's '${type}'`;
  const time = seconds(PROBE_REACTION_MS);
  if (said === undefined) return `it said nothing of its interest within ${time} after ${when}`;
  const [instead, right] = wants ? ['not interested', 'interested'] : ['interested', 'not interested'];
  return `${time} after ${when} its last word was '${instead}', and should be '${right}'`;
}
