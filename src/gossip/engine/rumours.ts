import { MAX_GOSSIP_NEWS_PER_MERGE, MAX_GOSSIP_NEWS_WAITING } from '../../limits.ts';
import type { SignedStatement } from '../statement.ts';
import type { Context } from './context.ts';
import { fanOut } from './fan-out.ts';
import { hintFor } from './hint.ts';
import type { Interests } from './interests.ts';
import type { MembershipListener } from './membership.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { RandomPool } from './random-pool.ts';

interface News {
  readonly signed: SignedStatement;
  /** Who sent it to us. */
  readonly via: Peer | undefined;
}

/** News that wait for others to go out with. */
class Batch {
  readonly news: News[] = [];
  scheduled = false;
}

/**
 * Passes news on, once, to a few random members of those it concerns ("infect and die"); what is missed on the
 * way is found by comparing digests. News that come together go out together, to the same few.
 */
export class Rumours implements MembershipListener {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #interests: Interests;
  readonly #outbox: Outbox;
  readonly #prompt = new Batch();
  readonly #indexes = new Batch();

  constructor(context: Context, peers: Peers, interests: Interests, outbox: Outbox) {
    this.#context = context;
    this.#peers = peers;
    this.#interests = interests;
    this.#outbox = outbox;
  }

  spread(signed: SignedStatement, via?: Peer): void {
    const { limits, health, now } = this.#context;
    const { mergeMs } = limits;
    const indexMergeMs = limits.indexMergeMs * health.patience(now);
    if (signed.statement.kind === 'index') this.#collect(this.#indexes, { signed, via }, indexMergeMs);
    else this.#collect(this.#prompt, { signed, via }, mergeMs);
  }

  summarized(peer: Peer, _before: unknown, via: Peer | undefined): void {
    if (peer.summary !== undefined) this.spread(peer.summary, via);
  }

  /** At once, to `extra` more than usual: there will be nobody to repair it. */
  spreadNow(signed: SignedStatement, extra: number): void {
    this.#tell(this.#peers.pool, [{ signed, via: undefined }], extra);
  }

  #collect(batch: Batch, news: News, mergeMs: number): void {
    // In a flood, what comes last is left to comparing.
    if (batch.news.length >= MAX_GOSSIP_NEWS_WAITING) return;
    batch.news.push(news);
    this.#schedule(batch, mergeMs);
  }

  #schedule(batch: Batch, mergeMs: number): void {
    if (batch.scheduled) return;
    batch.scheduled = true;
    this.#context.agenda.in(mergeMs, () => {
      batch.scheduled = false;
      const now = batch.news.splice(0, MAX_GOSSIP_NEWS_PER_MERGE);
      if (batch.news.length > 0) this.#schedule(batch, mergeMs);
      this.#flush(now);
    });
  }

  #flush(news: readonly News[]): void {
    const byAudience = new Map<RandomPool<Peer>, News[]>();
    for (const one of news) {
      const audience = this.#audienceOf(one.signed);
      const sameAudience = byAudience.get(audience);
      if (sameAudience === undefined) byAudience.set(audience, [one]);
      else sameAudience.push(one);
    }
    for (const [audience, ofIt] of byAudience) this.#tell(audience, ofIt, 0);
  }

  #audienceOf({ statement }: SignedStatement): RandomPool<Peer> {
    switch (statement.kind) {
      case 'summary':
      case 'leave':
        return this.#peers.pool;
      case 'index':
      case 'index end':
        return this.#interests.audience(statement.infoHash);
    }
  }

  #tell(audience: RandomPool<Peer>, news: readonly News[], extra: number): void {
    const { random, limits } = this.#context;
    const count = fanOut(audience.size, limits.fanoutExtra) + extra;
    const targets = audience.sample(
      random,
      count,
      (peer) => peer.doubt?.stage !== 'suspect' && news.some((one) => isNewsFor(peer, one)),
    );
    for (const target of targets)
      for (const one of news) {
        if (!isNewsFor(target, one)) continue;
        const provenAt = hintFor(this.#peers.get(one.signed.statement.peerId), target);
        this.#outbox.send(target, { kind: 'statement', statement: one.signed, provenAt });
      }
  }
}

function isNewsFor(target: Peer, { signed, via }: News): boolean {
  return target !== via && target.peerId !== signed.statement.peerId;
}
