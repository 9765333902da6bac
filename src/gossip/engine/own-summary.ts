import type { Holding } from '../../holdings/holding.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import { makeFilter } from '../codec/content-filter.ts';
import type { Appointment } from './agenda.ts';
import type { Context } from './context.ts';
import type { Digests } from './digests.ts';
import type { Rumours } from './rumours.ts';
import type { Signed } from './signed.ts';
import type { Speaker } from './speaker.ts';

/** What a summary is made from. */
interface Stock {
  readonly holdings: readonly Holding[];
  readonly interests: readonly InfoHash[];
}

/** Says who we are, as soon as there is anything to hold, and again when that has changed. */
export class OwnSummary {
  readonly #context: Context;
  readonly #speaker: Speaker;
  readonly #rumours: Rumours;
  readonly #digests: Digests;
  #said: Signed<'summary'> | undefined;
  #saidOf: Stock = { holdings: [], interests: [] };
  #saidAt = Number.NEGATIVE_INFINITY;
  #next: Appointment | undefined;

  constructor(context: Context, speaker: Speaker, rumours: Rumours, digests: Digests) {
    this.#context = context;
    this.#speaker = speaker;
    this.#rumours = rumours;
    this.#digests = digests;
  }

  /** Undefined as long as we are an observer. */
  get said(): Signed<'summary'> | undefined {
    return this.#said;
  }

  update(stock: Stock): void {
    this.#next?.cancel();
    this.#next = undefined;
    if (sameStock(stock, this.#saidOf)) return;
    if (this.#said === undefined && stock.holdings.length === 0) return;
    const waitMs = this.#saidAt + this.#context.limits.indexIntervalMs - this.#context.now;
    if (waitMs <= 0) return this.#say(stock);
    this.#next = this.#context.agenda.in(waitMs, () => this.#say(stock));
  }

  #say(stock: Stock): void {
    this.#next = undefined;
    const filter =
      this.#said !== undefined && sameContents(stock.holdings, this.#saidOf.holdings)
        ? this.#said.statement.filter
        : makeFilter(stock.holdings);
    const { port, now } = this.#context;
    const { holdings, interests } = stock;
    this.#said = this.#speaker.summary({ port, contentCount: holdings.length, interests, filter });
    this.#saidOf = stock;
    this.#saidAt = now;
    this.#digests.members.set(this.#speaker.shortId, this.#said.statement.version);
    this.#rumours.spread(this.#said);
  }
}

function sameStock(a: Stock, b: Stock): boolean {
  const sameInterests =
    a.interests.length === b.interests.length && a.interests.every((one, at) => one === b.interests[at]);
  return sameInterests && sameContents(a.holdings, b.holdings);
}

/** The pieces may differ: they are no part of the summary. */
function sameContents(a: readonly Holding[], b: readonly Holding[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ infoHash, name }, at) => infoHash === b[at]?.infoHash && name === b[at]?.name)
  );
}
