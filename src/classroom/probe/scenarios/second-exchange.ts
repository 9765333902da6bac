import { PROBE_ANSWER_MS, PROBE_SILENCE_MS } from '../../../limits.ts';
import { askForPieces, firstLackedByProbe, unchoked } from './ask.ts';
import { breakSilence, greet, type Play } from './play.ts';

/**
 * As a peer that starts anew, with nothing and so without a bitfield where it can be: asks the program for what the probe gave it, for
 * two pieces at once, and for one that the file does not have.
 */
export async function secondExchange(play: Play): Promise<void> {
  const { session, pieces, facts } = play;
  if (!(await greet(play))) return;
  await breakSilence(play);
  if (firstLackedByProbe(session.dialogue) === undefined) return;
  await session.say({ type: 'interested' });
  if (!(await unchoked(play))) return;
  if (pieces.given.size > 0) await askForPieces(play);
  await askForTwo(play);
  if (facts.file === undefined || !session.isOpen) return;
  await session.say({ type: 'request', index: facts.file.pieceCount });
  await session.pause(PROBE_SILENCE_MS);
}

async function askForTwo({ session, pieces }: Play): Promise<void> {
  const { dialogue } = session;
  const [first, second] = new Set([...dialogue.lackedByProbe(), ...dialogue.program.pieces.held()]);
  if (first === undefined || second === undefined || !session.isOpen) return;
  await pieces.learn(first);
  await pieces.learn(second);
  const requests = [first, second].map((index) => ({ type: 'request', index }) as const);
  session.sayTogether(requests, 'two requests in one');
  await session.until(() => dialogue.probe.requests.size === 0, PROBE_ANSWER_MS);
}
