import {
  GOSSIP_SETTLED_MS,
  MAX_GOSSIP_ENTRIES_PER_ITEM,
  MAX_GOSSIP_EXAMINED_PER_ROUND,
  MAX_GOSSIP_SETTLED_SCOPES,
  MAX_GOSSIP_SYNC_TRIES,
} from '../../limits.ts';
import { randomInteger } from '../../platform/random.ts';
import { itemBytes } from '../codec/encode-gossip.ts';
import { MAX_BUCKET_BITS } from '../codec/gossip-layout.ts';
import type { Entry, GossipItem, Scope } from '../gossip-message.ts';
import type { SignedStatement } from '../statement.ts';
import type { Context } from './context.ts';
import { sameBytes } from './cookies.ts';
import { type Digests, scopeKey } from './digests.ts';
import { hintFor } from './hint.ts';
import type { Interests } from './interests.ts';
import type { LostPeers } from './lost-peers.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { ScopeDigest } from './scope-digest.ts';
import type { StatementsOf } from './statements-of.ts';
import type { Tombstones } from './tombstones.ts';

type Item<Kind extends GossipItem['kind']> = Extract<GossipItem, { kind: Kind }>;

/** What an index is counted for: it may have many segments. */
const EXAMINED_PER_INDEX = 16;
const MEMBERS: Scope = { kind: 'members' };

/**
 * Finds what rumours missed (anti-entropy, Demers and others 1987): two nodes compare the digest of all they know,
 * then of parts of it, then what is in the parts that differ, and each gets what is newer at the other.
 */
export class Repair {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #digests: Digests;
  readonly #interests: Interests;
  readonly #statementsOf: StatementsOf;
  readonly #tombstones: Tombstones;
  readonly #lost: LostPeers;
  readonly #outbox: Outbox;
  /** Bytes that each peer has made us send in this round. */
  readonly #spent = new Map<Peer, number>();
  /** Entries and buckets that each peer has made us look at in this round. */
  readonly #examined = new Map<Peer, number>();

  constructor(
    context: Context,
    parts: {
      readonly peers: Peers;
      readonly digests: Digests;
      readonly interests: Interests;
      readonly statementsOf: StatementsOf;
      readonly tombstones: Tombstones;
      readonly lost: LostPeers;
      readonly outbox: Outbox;
    },
  ) {
    this.#context = context;
    this.#peers = parts.peers;
    this.#digests = parts.digests;
    this.#interests = parts.interests;
    this.#statementsOf = parts.statementsOf;
    this.#tombstones = parts.tombstones;
    this.#lost = parts.lost;
    this.#outbox = parts.outbox;
  }

  newRound(): void {
    this.#spent.clear();
    this.#examined.clear();
  }

  /** What goes with a ping: our digest of the members, and of each content that both want. */
  roots(peer: Peer): Item<'root'>[] {
    const contents = this.#interests
      .sharedWith(peer)
      .map((infoHash) => ({ kind: 'content', infoHash }) as const);
    return [MEMBERS, ...contents].flatMap((scope) => this.#root(scope));
  }

  /** What goes with an ack: our digests of what the ping did not settle. */
  rootsBesides(peer: Peer, settled: readonly Scope[]): Item<'root'>[] {
    const keys = new Set(settled.map(scopeKey));
    return this.roots(peer).filter(({ scope }) => !keys.has(scopeKey(scope)));
  }

  /** Begins to compare where the digests differ; false where it is for the other side to begin. */
  onRoot(peer: Peer, { scope, digest }: Item<'root'>): boolean {
    const mine = this.#digests.of(scope);
    if (mine === undefined || sameBytes(mine.root, digest)) return true;
    if (!this.#mayExamine(peer, 2 ** mine.bits)) return false;
    if (!this.#isWorthwhile(peer, scope, mine, digest)) return false;
    if (mine.bits === 0) this.#sendEntries(peer, scope, mine, 0, [0]);
    else this.#pay(peer, { kind: 'buckets', scope, bits: mine.bits, digests: mine.buckets(mine.bits) });
    return true;
  }

  onBuckets(peer: Peer, { scope, bits, digests }: Item<'buckets'>): void {
    const mine = this.#digests.of(scope);
    if (mine === undefined || !this.#mayExamine(peer, 2 ** MAX_BUCKET_BITS)) return;
    const ours = mine.buckets(bits);
    const differing = [...digests.keys()].filter((bucket) => digests[bucket] !== ours[bucket]);
    if (differing.length === 0) return;
    // Not always the same ones first, where they are too many for one time.
    const first = randomInteger(this.#context.random, differing.length);
    this.#sendEntries(peer, scope, mine, bits, [...differing.slice(first), ...differing.slice(0, first)]);
  }

  onEntries(peer: Peer, { scope, bits, bucket, entries }: Item<'entries'>): void {
    const digest = this.#digests.of(scope);
    if (digest === undefined || !this.#mayExamine(peer, entries.length)) return;
    const mine = new Map(digest.entries(bits, bucket).map(({ shortId, version }) => [shortId, version]));
    this.#mayExamine(peer, mine.size);
    const wanted: Entry[] = [];
    for (const { shortId, version } of entries) {
      const known = mine.get(shortId);
      mine.delete(shortId);
      if (known === undefined) wanted.push(...this.#notKnown(peer, scope, shortId));
      else if (version > known) wanted.push({ shortId, version: known });
      else if (version < known) this.#tell(peer, scope, shortId, version);
    }
    for (const shortId of mine.keys()) this.#tell(peer, scope, shortId, -1);
    for (const part of slices(wanted)) this.#pay(peer, { kind: 'want', scope, entries: part });
  }

  onWant(peer: Peer, { scope, entries }: Item<'want'>): void {
    const work = entries.length * (scope.kind === 'content' ? EXAMINED_PER_INDEX : 1);
    if (this.#digests.of(scope) === undefined || !this.#mayExamine(peer, work)) return;
    for (const { shortId, version } of entries) this.#tell(peer, scope, shortId, version);
  }

  /** Whether this peer may have us look at so many things, after what it has had us look at in this round. */
  #mayExamine(peer: Peer, count: number): boolean {
    const examined = this.#examined.get(peer) ?? 0;
    if (examined >= MAX_GOSSIP_EXAMINED_PER_ROUND) return false;
    this.#examined.set(peer, examined + count);
    return true;
  }

  #root(scope: Scope): Item<'root'>[] {
    const digest = this.#digests.of(scope);
    return digest === undefined ? [] : [{ kind: 'root', scope, digest: digest.root }];
  }

  /** Not where the same two digests were compared a few times in vain. */
  #isWorthwhile(peer: Peer, scope: Scope, { root }: ScopeDigest, theirs: Uint8Array): boolean {
    const { now } = this.#context;
    peer.settled ??= new Map();
    const key = scopeKey(scope);
    const last = peer.settled.get(key);
    const isSame =
      last !== undefined &&
      now < last.since + GOSSIP_SETTLED_MS &&
      sameBytes(last.mine, root) &&
      sameBytes(last.theirs, theirs);
    if (!isSame) {
      peer.settled.delete(key);
      peer.settled.set(key, { mine: root, theirs, tries: 1, since: now });
      const [oldest] = peer.settled.keys();
      if (peer.settled.size > MAX_GOSSIP_SETTLED_SCOPES && oldest !== undefined) peer.settled.delete(oldest);
      return true;
    }
    return last.tries++ < MAX_GOSSIP_SYNC_TRIES;
  }

  #sendEntries(
    peer: Peer,
    scope: Scope,
    digest: ScopeDigest,
    bits: number,
    buckets: readonly number[],
  ): void {
    for (const bucket of buckets) {
      const entries = digest.entries(bits, bucket).slice(0, MAX_GOSSIP_ENTRIES_PER_ITEM);
      if (!this.#pay(peer, { kind: 'entries', scope, bits, bucket, entries })) return;
    }
  }

  /** The other knows a peer that we do not: who left or was lost is not asked for again. */
  #notKnown(peer: Peer, scope: Scope, shortId: string): Entry[] {
    if (scope.kind === 'content') return [{ shortId, version: 0 }];
    const leave = this.#tombstones.byShortId(shortId);
    if (leave !== undefined) {
      this.#say(peer, leave);
      return [];
    }
    const lost = this.#lost.idOf(shortId);
    if (lost === undefined) return [{ shortId, version: 0 }];
    // Who is right? Each looks for itself.
    this.#lost.look(shortId);
    this.#pay(peer, { kind: 'unreachable', target: lost });
    return [];
  }

  #tell(peer: Peer, scope: Scope, shortId: string, newerThan: number): void {
    if (shortId === peer.shortId) return;
    for (const signed of this.#statementsOf.newerThan(newerThan, shortId, scope))
      if (!this.#say(peer, signed)) return;
  }

  #say(peer: Peer, statement: SignedStatement): boolean {
    const provenAt = hintFor(this.#peers.get(statement.statement.peerId), peer);
    return this.#pay(peer, { kind: 'statement', statement, provenAt });
  }

  /** Sends it, as long as this peer has not made us send too much in this round. */
  #pay(peer: Peer, item: GossipItem): boolean {
    const spent = (this.#spent.get(peer) ?? 0) + itemBytes(item);
    if (spent > this.#context.limits.syncBytesPerRound) return false;
    this.#spent.set(peer, spent);
    this.#outbox.send(peer, item);
    return true;
  }
}

function* slices(entries: readonly Entry[]): Generator<readonly Entry[]> {
  for (let at = 0; at < entries.length; at += MAX_GOSSIP_ENTRIES_PER_ITEM)
    yield entries.slice(at, at + MAX_GOSSIP_ENTRIES_PER_ITEM);
}
