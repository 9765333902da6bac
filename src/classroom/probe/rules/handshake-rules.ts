import { PROBE_HANDSHAKE_MS } from '../../../limits.ts';
import { beginningOf, type Conversation, type Entry, handshakeOf } from '../conversation.ts';
import type { Facts } from '../facts.ts';
import {
  broken,
  type Evidence,
  type Finding,
  inScenario,
  kept,
  type Rule,
  reactionTo,
  seconds,
} from './rule.ts';

const HEADER = 'P2PFILESHARINGPROJ';
const ID_AT = 28;

export const handshakeRules: readonly Rule[] = [
  {
    rule: 'handshake-answered',
    text: 'It answers a handshake with its own.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'the connection was not taken',
    judge: inScenario('a whole exchange', judgeAnswered),
  },
  {
    rule: 'handshake-header',
    text: 'Its handshake starts with the 18 characters P2PFILESHARINGPROJ.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'no handshake came',
    judge: onHandshake((bytes) => {
      const header = latin1(bytes, 0, HEADER.length);
      return header === HEADER ? undefined : `it starts with ${printable(header)}`;
    }),
  },
  {
    rule: 'handshake-zeros',
    text: 'Ten zero bytes follow the header.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'no whole handshake came',
    judge: onHandshake((bytes) => {
      const zeros = latin1(bytes, HEADER.length, ID_AT);
      if (zeros.length < ID_AT - HEADER.length)
        return 'its handshake ends before the ten zero bytes are over';
      if (/^0+$/.test(zeros)) return "there are ten characters '0' (0x30) instead of bytes of value 0";
      return /^\0+$/.test(zeros) ? undefined : `there is ${printable(zeros)} instead`;
    }),
  },
  {
    rule: 'handshake-id',
    text: 'The last four bytes are its peer ID, big-endian.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'no whole handshake came, or its ID is not known: PeerInfo.cfg is not at hand',
    judge: judgeId,
  },
  {
    rule: 'handshake-split',
    text: 'A handshake that arrives in 32 packets of one byte is understood.',
    weight: 'rule',
    shownBy: 'a handshake byte by byte',
    untested: 'the connection was not taken',
    judge: judgeSplit,
  },
  {
    rule: 'header-checked',
    text: 'It says nothing after its handshake to somebody whose handshake has another header.',
    weight: 'rule',
    shownBy: 'a wrong header',
    untested: 'the connection was not taken',
    judge: inScenario('a wrong header', judgeSilence),
  },
  {
    rule: 'id-checked',
    text: 'It says nothing after its handshake to a peer that PeerInfo.cfg does not list.',
    weight: 'advice',
    shownBy: 'an ID that nobody lists',
    untested: 'the connection was not taken',
    judge: inScenario('an ID that nobody lists', judgeSilence),
  },
];

function judgeAnswered(conversation: Conversation): readonly Finding[] {
  if (handshakeOf(conversation) !== undefined) return [kept()];
  const ours = conversation.entries.find(({ by, said }) => by === 'probe' && said.type === 'handshake');
  if (ours === undefined) return [];
  const end = conversation.entries.at(-1) ?? ours;
  const beginning = beginningOf(conversation);
  if (beginning !== undefined)
    return [broken(conversation, end, `only ${beginning.length} of the 32 bytes of a handshake came`)];
  const reaction = reactionTo(conversation, ours, PROBE_HANDSHAKE_MS, () => false);
  if (reaction.kind === 'closed instead')
    return [broken(conversation, reaction.entry, 'it closed the connection without a handshake')];
  return [broken(conversation, end, `nothing came within ${seconds(end.at - ours.at)}`)];
}

/** A program that takes the first packet for a whole handshake may close before the probe has sent the rest. */
function judgeSplit(evidence: Evidence): readonly Finding[] {
  const { conversations } = evidence;
  const at = conversations.findIndex(({ scenario }) => scenario === 'a handshake byte by byte');
  const split = conversations[at];
  const [first] = split?.entries ?? [];
  if (split === undefined || first?.by !== 'program' || first.said.type !== 'closed')
    return inScenario('a handshake byte by byte', judgeAnswered)(evidence);
  // One that takes no more connections says nothing of what it makes of packets.
  const tookOthers = conversations.slice(at + 1).some((later) => handshakeOf(later) !== undefined);
  return tookOthers ? [broken(split, first, 'it closed the connection before the last byte was sent')] : [];
}

/** Its handshake is the same on each connection: the first one is judged. */
function onHandshake(fault: (bytes: Uint8Array) => string | undefined): Rule['judge'] {
  return ({ conversations }) => {
    for (const conversation of conversations) {
      const entry = conversation.entries.find(
        ({ by, said }) => by === 'program' && said.type === 'handshake',
      );
      if (entry?.said.type !== 'handshake') continue;
      const text = fault(entry.said.bytes);
      return [text === undefined ? kept() : broken(conversation, entry, text)];
    }
    return [];
  };
}

function judgeId(evidence: Evidence): readonly Finding[] {
  const { id, as } = evidence.facts;
  const whole = evidence.conversations.map(handshakeOf).find((bytes) => bytes !== undefined);
  if (whole === undefined) return [];
  const fault = idFault(Buffer.from(whole.subarray(ID_AT)), { id, as });
  if (fault === undefined && id === undefined) return [];
  return onHandshake(() => fault)(evidence);
}

function idFault(bytes: Buffer, { id, as }: Pick<Facts, 'id' | 'as'>): string | undefined {
  const said = bytes.readUInt32BE();
  if (said === id) return undefined;
  const text = bytes.toString('latin1');
  if (id === undefined && !/^[0-9]{4}$/.test(text))
    return said === as ? `it says ${as}, which is the probe's` : undefined;
  if (/^[0-9 \0]{4}$/.test(text) && /[0-9]/.test(text))
    return `they are the characters "${text}", not the four bytes of a number`;
  if (bytes.readUInt32LE() === id) return `they are ${id}, but little-endian`;
  return said === as ? `it says ${as}, which is the probe's own` : `they say ${said}, and it should be ${id}`;
}

function judgeSilence(conversation: Conversation): readonly Finding[] {
  const asked = conversation.entries.some(({ said }) => said.type === 'provocation');
  if (!asked) return [];
  const spoke = conversation.entries.find(isMessageOfProgram);
  return [spoke === undefined ? kept() : broken(conversation, spoke, `it goes on with '${spoke.said.type}'`)];
}

function isMessageOfProgram({ by, said }: Entry): boolean {
  return by === 'program' && said.type !== 'handshake' && said.type !== 'closed';
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1');
}

/** Bytes for people: text as it is, everything else as hexadecimal digits. */
function printable(text: string): string {
  return /^[\x20-\x7e]+$/.test(text) ? `"${text}"` : `0x${Buffer.from(text, 'latin1').toString('hex')}`;
}
