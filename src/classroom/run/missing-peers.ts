import { LanshareError } from '../../errors.ts';
import type { Neighbor } from './roster.ts';

const MOST_NAMED = 8;

/** What the user is told when a run ends although somebody lacks pieces. `ownPieces`: how many we have. */
export function peersMissing(
  neighbors: readonly Neighbor[],
  ownPieces: number,
  pieceCount: number,
): LanshareError {
  const lacking = ownPieces < pieceCount;
  const missing = neighbors
    .filter(({ complete }) => !complete || lacking)
    .map((one) => clauseOf(one, pieceCount));
  const named = missing.slice(0, MOST_NAMED);
  if (missing.length > named.length) named.push(`${missing.length - named.length} more`);
  const own = lacking ? [`this peer has ${ownPieces} of ${pieceCount} pieces`] : [];
  return new LanshareError(
    'PEERS_MISSING',
    `not every peer has the file: ${[...own, ...named].join('; ')}`,
    'start those that are missing and run this peer again, or wait longer with --wait',
  );
}

function clauseOf({ listed, linked, seen, pieces }: Neighbor, pieceCount: number): string {
  if (!seen) return `peer ${listed.id} never came`;
  const has = `${pieces} of ${pieceCount} pieces`;
  return linked
    ? `peer ${listed.id} has ${has} and does not go on`
    : `peer ${listed.id} is gone and had ${has}`;
}
