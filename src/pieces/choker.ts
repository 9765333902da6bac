import { type Random, shuffle } from '../platform/random.ts';

export interface ChokeCandidate<Key> {
  readonly key: Key;
  readonly interested: boolean;
  /** Bytes a second: what the peer gave us, or took from us when we have everything. */
  readonly rate: number;
}

export interface ChokerOptions {
  /** Peers that are unchoked by rate. */
  readonly slots: number;
  /** Complete here: nobody can give us anything, so the slots go round at random. */
  readonly complete: boolean;
}

/**
 * Who is unchoked for the next interval: the interested peers with the highest rate, ties at random,
 * and the optimistic one beside them (BEP 3, "Choking and optimistic unchoking").
 */
export function chooseUnchoked<Key>(
  candidates: readonly ChokeCandidate<Key>[],
  optimistic: Key | undefined,
  { slots, complete }: ChokerOptions,
  random: Random,
): Set<Key> {
  const interested = shuffle(
    random,
    candidates.filter((candidate) => candidate.interested),
  );
  if (!complete) interested.sort((a, b) => b.rate - a.rate);
  const unchoked = new Set(interested.slice(0, slots).map((candidate) => candidate.key));
  if (optimistic !== undefined) unchoked.add(optimistic);
  return unchoked;
}

/** One at random among the interested that are choked. */
export function chooseOptimistic<Key>(
  candidates: readonly ChokeCandidate<Key>[],
  unchoked: ReadonlySet<Key>,
  random: Random,
): Key | undefined {
  const choked = candidates.filter((candidate) => candidate.interested && !unchoked.has(candidate.key));
  return shuffle(random, choked)[0]?.key;
}
