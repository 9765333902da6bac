/** How two peers that both keep to the messages exchange pieces: what programs may do differently. */
export interface ExchangeRules {
  readonly asking: Asking;
  readonly choking: /** Who is interested waits only while no slot is free. */
    | 'eager'
    /** Only the rounds decide, and only they choke. */
    | 'in rounds';
  readonly telling: /** What the other side can use. */
    | 'news'
    /** Interest or none after a bitfield, and each `have` to complete peers, too. */
    | 'everything';
  /** A link that neither side has a use for. */
  readonly uselessLinks: 'closed' | 'kept';
  /** A request for a piece that the peer says it has. */
  readonly claimedPieces: 'refused' | 'served';
}

export type Asking =
  /**
   * All that makes a swarm fast: complete peers are spared, the last pieces are asked for twice, and requests are
   * taken back.
   */
  | { readonly kind: 'concerted' }
  /**
   * Each piece of one peer; nothing is taken back. After `timeoutMs` without a byte the piece is anybody's again,
   * the same peer's, too: its request may have been lost.
   */
  | { readonly kind: 'plain'; readonly timeoutMs: number };

/** Of lanshare's swarms, whatever dialect is spoken. */
export const SWARM_RULES: ExchangeRules = {
  asking: { kind: 'concerted' },
  choking: 'eager',
  telling: 'news',
  uselessLinks: 'closed',
  claimedPieces: 'refused',
};
