import type { Standing } from '../holdings/standing.ts';
import { type Random, shuffle } from '../platform/random.ts';
import type { Prospect } from './lacking.ts';
import type { Candidate } from './peer-book.ts';

/** Somebody who can be dialled now, and what speaks for it. */
export interface DialChoice {
  readonly candidate: Candidate;
  readonly prospect: Prospect;
  readonly standing: Standing;
  /** Dials in a row that came to nothing. */
  readonly failures: number;
}

/**
 * Whom to dial first: who holds pieces that nobody linked holds, then holders of most of what we lack, the proven
 * before the unproven, and those whose claims failed after all others; ties at random, so that not everybody calls
 * the same peer. Who has nothing for us is left out, unless there is `roomForGrowing`: it is fetching, too, and will
 * soon have something.
 */
export function inDialOrder(
  choices: readonly DialChoice[],
  roomForGrowing: boolean,
  random: Random,
): DialChoice[] {
  const useful = choices.filter(({ prospect }) => roomForGrowing || prospect.kind !== 'nothing yet');
  return shuffle(random, useful).sort(
    (a, b) =>
      doubt(a) - doubt(b) ||
      group(a) - group(b) ||
      proof(a) - proof(b) ||
      a.failures - b.failures ||
      lacking(b) - lacking(a),
  );
}

/** It is believed to hold what nobody holds who is linked. */
export function bringsUnlinked({ prospect, standing }: DialChoice): boolean {
  return prospect.kind === 'holder' && prospect.unlinked > 0 && standing !== 'doubted';
}

function doubt({ standing }: DialChoice): number {
  return standing === 'doubted' ? 1 : 0;
}

function proof({ standing }: DialChoice): number {
  return standing === 'proven' ? 0 : 1;
}

function group(choice: DialChoice): number {
  const { prospect, candidate, failures } = choice;
  if (bringsUnlinked(choice)) return 0;
  // An address that the user gave, or whose peer has no name yet: nothing is known before somebody answers.
  if (candidate.peerId === undefined && failures === 0) return 0;
  return prospect.kind === 'nothing yet' ? 2 : 1;
}

function lacking({ prospect }: DialChoice): number {
  return prospect.kind === 'holder' ? prospect.lacking : 0;
}
