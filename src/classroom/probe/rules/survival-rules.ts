import { type Conversation, handshakeOf, type ScenarioName } from '../conversation.ts';
import type { Facts } from '../facts.ts';
import { broken, type Evidence, type Finding, kept, type Rule } from './rule.ts';

/** What one bad neighbour does must not end the program: the next connection is answered. */
export const survivalRules: readonly Rule[] = [
  {
    ...survives('leaving', 'a whole exchange', 'A neighbour that leaves in the middle', isAnswered),
    untested: 'it took one connection only',
  },
  survives('beyond-the-end', 'a second exchange', 'A request beyond the end of the file', asksBeyondEnd),
  survives('wrong-header', 'a wrong header', 'A handshake with another header', isProvoked),
  survives('unknown-id', 'an ID that nobody lists', 'A peer that PeerInfo.cfg does not list', isProvoked),
  survives('unknown-type', 'a message of unknown type', 'A message of unknown type', isProvoked),
  survives('zero-length', 'a message of length zero', 'A message of length zero', isProvoked),
  survives('oversize', 'a message of 4 GiB', 'A message that says it is 4 GiB long', isProvoked),
];

type IsBad = (conversation: Conversation, facts: Facts) => boolean;

function survives(name: string, scenario: ScenarioName, what: string, isBad: IsBad): Rule {
  return {
    rule: `survives-${name}`,
    text: `${what} costs that connection at most: the next one is answered.`,
    weight: 'advice',
    shownBy: scenario,
    untested: 'it did not come to it, or no other connection followed',
    judge: (evidence) => judgeNextConversation(evidence, scenario, isBad),
  };
}

function judgeNextConversation(
  { conversations, facts }: Evidence,
  scenario: ScenarioName,
  isBad: IsBad,
): readonly Finding[] {
  const at = conversations.findIndex((conversation) => conversation.scenario === scenario);
  if (at === -1) return [];
  const [bad, next] = conversations.slice(at, at + 2);
  const end = bad?.entries.at(-1);
  if (bad === undefined || end === undefined || next === undefined || !isBad(bad, facts)) return [];
  if (next.entries.length === 0) return [broken(bad, end, 'nobody listened there any more')];
  if (handshakeOf(next) !== undefined) return [kept()];
  // Many programs take a peer's connection once. Those that took a second one are to take the next.
  return at === 0 ? [] : [broken(bad, end, 'the next connection was not answered')];
}

function isAnswered(conversation: Conversation): boolean {
  return handshakeOf(conversation) !== undefined;
}

function isProvoked({ entries }: Conversation): boolean {
  return entries.some(({ said }) => said.type === 'provocation');
}

function asksBeyondEnd({ entries }: Conversation, { file }: Facts): boolean {
  if (file === undefined) return false;
  return entries.some(
    ({ by, said }) => by === 'probe' && said.type === 'request' && said.index >= file.pieceCount,
  );
}
