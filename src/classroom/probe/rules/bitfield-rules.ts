import { PROBE_FIRST_MESSAGE_MS } from '../../../limits.ts';
import type { Conversation, Entry } from '../conversation.ts';
import type { Facts } from '../facts.ts';
import { broken, type Finding, inEach, kept, keptUnless, type Rule } from './rule.ts';

export const bitfieldRules: readonly Rule[] = [
  {
    rule: 'bitfield-first',
    text: 'A bitfield comes only as the first message after the handshake.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'it said nothing, or had nothing to say',
    judge: inEach((conversation) => {
      const messages = conversation.entries.filter(
        ({ by, said }) => by === 'program' && !['handshake', 'closed'].includes(said.type),
      );
      const late = messages.slice(1).filter(({ said }) => said.type === 'bitfield');
      const before =
        messages[0]?.said.type === 'bitfield' ? 'another bitfield' : `'${messages[0]?.said.type}'`;
      const breaches = late.map((entry) => broken(conversation, entry, `a bitfield came after ${before}`));
      return keptUnless(breaches, messages.length > 0);
    }),
  },
  {
    rule: 'bitfield-length',
    text: 'A bitfield has one bit for each piece, rounded up to whole bytes.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'it sent no bitfield, or the number of pieces is not known: Common.cfg is not at hand',
    judge: onBitfield((bits, { file }) => {
      if (file === undefined) return undefined;
      const bytes = Math.ceil(file.pieceCount / 8);
      if (bits.length === bytes) return kept();
      return `it has ${bits.length} bytes, and ${file.pieceCount} pieces need ${bytes}`;
    }),
  },
  {
    rule: 'spare-bits',
    text: 'The bits of the last byte that stand for no piece are zero.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'it sent no bitfield, or one without spare bits',
    judge: onBitfield((bits, { file }) => {
      const spare = file === undefined ? 0 : bits.length * 8 - file.pieceCount;
      if (spare < 1 || spare > 7) return undefined;
      const last = bits.at(-1) ?? 0;
      if ((last & ((1 << spare) - 1)) === 0) return kept();
      return `the last byte is ${binary(last)}, and its ${spare} low bits stand for no piece`;
    }),
  },
  {
    rule: 'bitfield-says-all',
    text: 'A peer that has the file says so in its bitfield; piece 0 is the high bit of the first byte.',
    weight: 'rule',
    shownBy: 'a whole exchange',
    untested: 'PeerInfo.cfg gives it no file, or is not at hand',
    judge: inEach(judgeSeeder),
  },
  {
    rule: 'bitfield-says-nothing',
    text: 'A peer that starts without the file claims no piece on the first connection.',
    weight: 'advice',
    shownBy: 'a whole exchange',
    untested: 'PeerInfo.cfg gives it the file, or is not at hand',
    judge: ({ conversations, facts }) => {
      const first = conversations[0];
      if (facts.hasFile !== false || first === undefined) return [];
      const entry = bitfieldOf(first);
      if (entry === undefined) return [kept('it sends no bitfield, as it may')];
      const claimed = countBits(entry.bits, entry.bits.length * 8);
      if (claimed > 0) return [broken(first, entry.entry, `it claims ${claimed} pieces`)];
      return [kept('it sends a bitfield of zeros, as it may')];
    },
  },
];

function judgeSeeder(conversation: Conversation, { hasFile, file }: Facts): readonly Finding[] {
  if (hasFile !== true || file === undefined || file.pieceCount === 0) return [];
  if (conversation.scenario !== 'a whole exchange') return [];
  const found = bitfieldOf(conversation);
  if (found === undefined) {
    const end = conversation.entries.at(-1);
    if (end === undefined || end.at < PROBE_FIRST_MESSAGE_MS) return [];
    return [broken(conversation, end, 'it has the whole file and sent no bitfield')];
  }
  const missing = file.pieceCount - countBits(found.bits, file.pieceCount);
  if (missing === 0) return [kept()];
  const last = `its last byte is ${binary(found.bits.at(-1) ?? 0)}`;
  return [
    broken(conversation, found.entry, `it claims all but ${missing} of ${file.pieceCount} pieces; ${last}`),
  ];
}

function onBitfield(judge: (bits: Uint8Array, facts: Facts) => Finding | string | undefined): Rule['judge'] {
  return inEach((conversation, facts) => {
    const found = bitfieldOf(conversation);
    if (found === undefined) return [];
    const result = judge(found.bits, facts);
    if (typeof result === 'string') return [broken(conversation, found.entry, result)];
    return result === undefined ? [] : [result];
  });
}

function bitfieldOf({
  entries,
}: Conversation): { readonly entry: Entry; readonly bits: Uint8Array } | undefined {
  for (const entry of entries)
    if (entry.by === 'program' && entry.said.type === 'bitfield') return { entry, bits: entry.said.bits };
  return undefined;
}

/** Of the first `pieceCount` bits, from the high bit of the first byte on. */
function countBits(bytes: Uint8Array, pieceCount: number): number {
  let count = 0;
  for (let index = 0; index < pieceCount; index++)
    if (((bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0) count++;
  return count;
}

function binary(byte: number): string {
  return byte.toString(2).padStart(8, '0');
}
