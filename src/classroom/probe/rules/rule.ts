import { type Conversation, type Entry, handshakeOf, type ScenarioName } from '../conversation.ts';
import type { Facts } from '../facts.ts';

/** One rule, judged from what was said. */
export interface Rule {
  /** Short and stable, for programs: `spare-bits`. */
  readonly rule: string;
  /** One sentence: what is asked for. */
  readonly text: string;
  readonly weight: 'rule' | 'advice';
  /** The scenario that was made to show it. */
  readonly shownBy: ScenarioName;
  /** Why it could not be judged although that was played. */
  readonly untested: string;
  /** Nothing where it did not come to it. */
  judge(evidence: Evidence): readonly Finding[];
}

export interface Evidence {
  readonly facts: Facts;
  /** In the order in which they were held. */
  readonly conversations: readonly Conversation[];
}

export type Finding =
  | { readonly kind: 'kept'; readonly note: string | undefined }
  | { readonly kind: 'broken'; readonly text: string; readonly place: FindingPlace };

export interface FindingPlace {
  readonly scenario: ScenarioName;
  /** Milliseconds since the connection was made. */
  readonly at: number;
}

export function kept(note?: string): Finding {
  return { kind: 'kept', note };
}

export function broken({ scenario }: Conversation, { at }: Pick<Entry, 'at'>, text: string): Finding {
  return { kind: 'broken', text, place: { scenario, at } };
}

/** Judges each conversation in which the program shook hands, up to where the probe itself broke the protocol. */
export function inEach(
  judge: (conversation: Conversation, facts: Facts) => readonly Finding[],
): (evidence: Evidence) => readonly Finding[] {
  return ({ conversations, facts }) =>
    conversations
      .filter((conversation) => handshakeOf(conversation) !== undefined)
      .flatMap((conversation) => judge(upToProvocation(conversation), facts));
}

/** Judges one scenario's conversation alone. */
export function inScenario(
  scenario: ScenarioName,
  judge: (conversation: Conversation, facts: Facts) => readonly Finding[],
): (evidence: Evidence) => readonly Finding[] {
  return ({ conversations, facts }) =>
    conversations
      .filter((conversation) => conversation.scenario === scenario)
      .flatMap((conversation) => judge(conversation, facts));
}

/** Everything that broke, or else that it was kept where there was something to judge. */
export function keptUnless(breaches: readonly Finding[], judged: boolean): readonly Finding[] {
  if (breaches.length > 0) return breaches;
  return judged ? [kept()] : [];
}

export type Reaction =
  | { readonly kind: 'came'; readonly entry: Entry }
  /** The time passed. */
  | { readonly kind: 'did not come' }
  | { readonly kind: 'closed instead'; readonly entry: Entry }
  /** The probe did not wait for so long. */
  | { readonly kind: 'not awaited' };

/** Whether the program did what is wanted within the time after an entry. */
export function reactionTo(
  { entries }: Conversation,
  trigger: Entry,
  withinMs: number,
  isWanted: (entry: Entry) => boolean,
): Reaction {
  const deadline = trigger.at + withinMs;
  for (const entry of entries.slice(entries.indexOf(trigger) + 1)) {
    if (entry.at > deadline) return { kind: 'did not come' };
    if (entry.by !== 'program') continue;
    if (isWanted(entry)) return { kind: 'came', entry };
    if (entry.said.type === 'closed') return { kind: 'closed instead', entry };
  }
  return (entries.at(-1)?.at ?? 0) >= deadline ? { kind: 'did not come' } : { kind: 'not awaited' };
}

/** What was said after an entry, until the time passed or the turning point came; `whole` where the time passed. */
export function windowAfter(
  { entries }: Conversation,
  trigger: Entry,
  withinMs: number,
  isTurningPoint: (entry: Entry) => boolean,
): { readonly entries: readonly Entry[]; readonly whole: boolean } {
  const deadline = trigger.at + withinMs;
  const after = entries.slice(entries.indexOf(trigger) + 1);
  const end = after.findIndex(
    (entry) => entry.at >= deadline || entry.said.type === 'closed' || isTurningPoint(entry),
  );
  const last = after[end];
  return {
    entries: end === -1 ? after : after.slice(0, end),
    whole: last !== undefined && last.at >= deadline,
  };
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function upToProvocation(conversation: Conversation): Conversation {
  const at = conversation.entries.findIndex(({ said }) => said.type === 'provocation');
  return at === -1 ? conversation : { ...conversation, entries: conversation.entries.slice(0, at) };
}
