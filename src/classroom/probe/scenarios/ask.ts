import { PROBE_ANSWER_MS, PROBE_ASK_AGAIN_MS, PROBE_MAX_UNCHOKE_WAIT_MS } from '../../../limits.ts';
import type { PlainMessage } from '../conversation.ts';
import type { Dialogue } from '../dialogue.ts';
import type { Play } from './play.ts';

/** Asks for pieces one after the other, in all the ways in which messages may be cut into packets. */
export async function askForPieces(play: Play): Promise<void> {
  const { session } = play;
  const [first, ...others] = wanted(session.dialogue);
  if (first === undefined || !(await askFor(play, first))) return;
  const [second = first, third = second, fourth = third, fifth = fourth] = others;
  const isTold = await tellOfPiece(play, first);
  await askFor(play, second);
  await askOnce(play, third, () => session.say({ type: 'request', index: third }, 'byte by byte'));
  const again: readonly PlainMessage[] = isTold ? [{ type: 'have', index: first }] : [];
  const together = [...again, { type: 'request', index: fourth } as const];
  await askOnce(play, fourth, async () => session.sayTogether(together, 'with others in one'));
  await session.say({ type: 'interested' });
  await askFor(play, fifth);
}

/** Whether the program unchokes the probe, in the time that it has for that. */
export async function unchoked({ session, facts }: Play): Promise<boolean> {
  const { program } = session.dialogue;
  await session.until(() => !program.choking, facts.unchokeWithinMs ?? PROBE_MAX_UNCHOKE_WAIT_MS);
  return session.isOpen && !program.choking;
}

/** Whether the piece came; asks once more, as many programs lose a request right after their unchoke. */
async function askFor(play: Play, index: number): Promise<boolean> {
  const { session, pieces } = play;
  await pieces.learn(index);
  await session.say({ type: 'request', index });
  if (await comes(play, index, PROBE_ASK_AGAIN_MS)) return true;
  if (!session.isOpen || session.dialogue.program.choking) return false;
  await session.say({ type: 'request', index });
  return comes(play, index, PROBE_ANSWER_MS);
}

async function askOnce(play: Play, index: number, say: () => Promise<void>): Promise<void> {
  const { session, pieces } = play;
  if (!session.isOpen || session.dialogue.program.choking) return;
  await pieces.learn(index);
  await say();
  await comes(play, index, PROBE_ANSWER_MS);
}

/** After a choke, it is not waited for. */
function comes({ session }: Play, index: number, withinMs: number): Promise<boolean> {
  return session.untilSaid(
    (said) => said.type === 'choke' || (said.type === 'piece' && said.index === index),
    withinMs,
  );
}

/** As a peer does, unless it were the last piece that the probe lacks. */
async function tellOfPiece({ session, facts }: Play, index: number): Promise<boolean> {
  const { pieces } = session.dialogue.probe;
  if (facts.file === undefined || pieces.count >= pieces.size) return false;
  await session.say({ type: 'have', index });
  return true;
}

/** Up to five pieces: the first, the last, and some between them. */
function wanted(dialogue: Dialogue): readonly number[] {
  const all = [...dialogue.lackedByProbe()];
  const [first, ...others] = all;
  const last = others.pop();
  return [first, last, ...others.slice(0, 3)].filter((index) => index !== undefined);
}

export function firstLackedByProbe(dialogue: Dialogue): number | undefined {
  for (const index of dialogue.lackedByProbe()) return index;
  return undefined;
}
