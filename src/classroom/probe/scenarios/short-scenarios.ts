import { PROBE_SILENCE_MS } from '../../../limits.ts';
import { encodeHandshake } from '../../../wire/lan/handshake.ts';
import type { Facts } from '../facts.ts';
import { firstLackedByProbe } from './ask.ts';
import { firstHeld, planClaims } from './claims.ts';
import { breakSilence, claim, claimLater, greet, type Play } from './play.ts';

export async function requestWhileChoked(play: Play): Promise<void> {
  const { session, pieces } = play;
  if (!(await greet(play))) return;
  await breakSilence(play);
  const index = firstLackedByProbe(session.dialogue);
  if (index === undefined) return;
  await pieces.learn(index);
  await session.say({ type: 'request', index });
  await session.pause(PROBE_SILENCE_MS);
}

/** And the interest of somebody who is offered nothing new at first. */
export async function handshakeByteByByte(play: Play): Promise<void> {
  const { session, facts } = play;
  if (!(await greet(play, 'byte by byte')) || facts.file === undefined) return;
  const { pieces } = session.dialogue.program;
  const known = pieces.size > 1 ? firstHeld(pieces) : undefined;
  await claim(play, known === undefined ? [] : [known]);
  const { atFirst, later } = planClaims(pieces);
  const lacked = [...atFirst, later].find(
    (index) => index !== undefined && !pieces.has(index) && !play.pieces.given.has(index),
  );
  if (lacked !== undefined && pieces.size > 2) await claimLater(play, lacked);
}

export async function wrongHeader({ session, facts }: Play): Promise<void> {
  const bytes = Buffer.from(encodeHandshake(facts.as));
  bytes.write('P2PFILESHARINGWRNG', 'latin1');
  session.provoke('a handshake with the header P2PFILESHARINGWRNG', bytes);
  await session.pause(PROBE_SILENCE_MS);
}

export async function unlistedId({ session, facts }: Play): Promise<void> {
  const id = unlisted(facts);
  session.provoke(`a handshake with the ID ${id}`, encodeHandshake(id));
  await session.pause(PROBE_SILENCE_MS);
}

/** Shakes hands, and then sends what no peer should. */
export function strangeFrame(text: string, bytes: readonly number[]): (play: Play) => Promise<void> {
  return async (play) => {
    if (!(await greet(play))) return;
    play.session.provoke(text, Uint8Array.from(bytes));
    await play.session.pause(PROBE_SILENCE_MS);
  };
}

export async function handshakeAlone({ session }: Play): Promise<void> {
  await session.shakeHands();
}

/** Of as many digits as the others. */
function unlisted({ listed, as }: Facts): number {
  let id = 9_999;
  while (id === as || listed.some((other) => other === id)) id--;
  return id;
}
