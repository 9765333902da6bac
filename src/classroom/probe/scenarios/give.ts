import { PROBE_GIVEN_PIECES, PROBE_HOLD_MS, PROBE_REACTION_MS, PROBE_SILENCE_MS } from '../../../limits.ts';
import { claimLater, type Play } from './play.ts';

/**
 * The program fetches from the probe: holds the first request back to see whether another follows, unchokes twice,
 * chokes in the middle of a request, and gives all it claimed. Then it has more, while it chokes.
 */
export async function givePieces(play: Play, later: number | undefined): Promise<void> {
  const { session, facts } = play;
  const { dialogue } = session;
  if (facts.file === undefined || dialogue.program.interested !== true) return;
  await session.say({ type: 'unchoke' });
  if ((await nextRequest(play)) !== undefined) {
    await session.pause(PROBE_HOLD_MS);
    await session.say({ type: 'unchoke' });
    await session.pause(PROBE_HOLD_MS);
    await giveNext(play);
    if ((await nextRequest(play)) !== undefined) await chokeInTheMiddle(play);
    for (let given = 1; given < 2 * PROBE_GIVEN_PIECES && (await giveNext(play)); given++);
    await session.until(() => dialogue.program.interested === dialogue.programShouldWant, PROBE_REACTION_MS);
  }
  await session.say({ type: 'choke' });
  if (later !== undefined) await claimLater(play, later);
}

async function chokeInTheMiddle({ session }: Play): Promise<void> {
  await session.say({ type: 'choke' });
  await session.pause(PROBE_SILENCE_MS);
  await session.say({ type: 'unchoke' });
}

/** Answers what is asked for next, and hears of it. False where nothing is, or nothing that the probe has. */
async function giveNext(play: Play): Promise<boolean> {
  const { session, pieces } = play;
  const index = await nextRequest(play);
  if (index === undefined || !session.dialogue.has(session.dialogue.probe, index)) return false;
  const content = await pieces.piece(index);
  if (content === undefined) return false;
  session.givePiece(index, content);
  await session.untilSaid((said) => said.type === 'have' && said.index === index, PROBE_REACTION_MS);
  return true;
}

/** What the program asks for, as long as there is something left to ask for. */
async function nextRequest({ session }: Play): Promise<number | undefined> {
  const { dialogue } = session;
  const { requests } = dialogue.program;
  await session.until(() => requests.size > 0 || !dialogue.programShouldWant, PROBE_REACTION_MS);
  const [index] = requests.keys();
  return index;
}
