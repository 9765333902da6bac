import { PROBE_FIRST_MESSAGE_MS, PROBE_REACTION_MS } from '../../../limits.ts';
import type { Packets } from '../conversation.ts';
import type { Facts } from '../facts.ts';
import type { PieceBook } from '../piece-book.ts';
import type { Session } from '../session.ts';

/** What a scenario has at hand. It resolves when it is over, or when nothing more can come of it. */
export interface Play {
  readonly session: Session;
  readonly facts: Facts;
  readonly pieces: PieceBook;
}

/** Handshakes, and what the program says by itself. False where it is no use to go on. */
export async function greet({ session, facts }: Play, packets?: Packets): Promise<boolean> {
  if (!(await session.shakeHands(packets))) return false;
  const spoke = await session.until(() => session.dialogue.program.messages > 0, PROBE_FIRST_MESSAGE_MS);
  // Many programs wait for the other side to speak. Without Common.cfg, this is all that can be said rightly.
  if (!spoke && facts.file === undefined) await session.say({ type: 'not interested' });
  return session.isOpen;
}

/** Has a program that waits for the other side to speak say what it has: a peer with nothing may say just that. */
export async function breakSilence({ session, facts }: Play): Promise<void> {
  const { program } = session.dialogue;
  if (program.messages > 0 || facts.file === undefined) return;
  await session.say({ type: 'bitfield', bits: new Uint8Array(Math.ceil(facts.file.pieceCount / 8)) });
  await session.until(() => program.messages > 0, PROBE_FIRST_MESSAGE_MS);
}

/** Says which pieces the probe has, and hears what the program makes of it. */
export async function claim({ session, facts }: Play, indexes: readonly number[]): Promise<void> {
  if (facts.file === undefined) return;
  const bits = new Uint8Array(Math.ceil(facts.file.pieceCount / 8));
  for (const index of indexes) bits[index >> 3] = (bits[index >> 3] ?? 0) | (0x80 >> (index & 7));
  await session.say({ type: 'bitfield', bits });
  const { dialogue } = session;
  await session.until(() => dialogue.program.interested === dialogue.programShouldWant, PROBE_REACTION_MS);
}

export async function claimLater({ session }: Play, index: number): Promise<void> {
  await session.say({ type: 'have', index });
  const { dialogue } = session;
  await session.until(() => dialogue.program.interested === dialogue.programShouldWant, PROBE_REACTION_MS);
}
