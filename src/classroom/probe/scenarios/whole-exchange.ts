import { askForPieces, firstLackedByProbe, unchoked } from './ask.ts';
import { planClaims } from './claims.ts';
import { givePieces } from './give.ts';
import { claim, greet, type Play } from './play.ts';

/** As a peer that obeys all rules: gives what the program lacks, and asks for what it has. */
export async function wholeExchange(play: Play): Promise<void> {
  if (!(await greet(play))) return;
  const { session } = play;
  const claims = planClaims(session.dialogue.program.pieces);
  await claim(play, claims.atFirst);
  const wants = firstLackedByProbe(session.dialogue) !== undefined;
  // Said early: the program may take its interval to unchoke.
  if (wants) await session.say({ type: 'interested' });
  await givePieces(play, claims.later);
  if (wants && (await unchoked(play))) await askForPieces(play);
}
