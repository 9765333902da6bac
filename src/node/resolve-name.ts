import type { DiscoveryReport } from '../discovery/discovery.ts';
import { LanshareError } from '../errors.ts';
import type { NamedContent } from '../holdings/holdings-table.ts';
import { NAME_SETTLE_MAX_MS, NAME_SETTLE_MIN_MS } from '../limits.ts';
import { sleep } from '../platform/clock.ts';
import type { NodeContext } from './context.ts';
import { listingOf } from './list-contents.ts';

/**
 * The one content that a name means on this LAN. Names are for people: where it means several contents,
 * none is chosen. `onFirst` gets the first one that is heard of, before it is known whether there are others.
 */
export async function resolveName(
  context: NodeContext,
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
  onFirst: (content: NamedContent) => void,
): Promise<NamedContent> {
  const { finder, clock, emit } = context;
  const askedAt = clock.now();
  const stopSeeking = finder.seek({ kind: 'name', name });
  try {
    if (finder.table.named(name).length === 0) await firstAnswer(context, name, timeoutMs, signal);
    const [first, second] = bestMatches(finder.table.named(name));
    if (first !== undefined && second === undefined) onFirst(first);
    await sleep(clock, settleMs(clock.now() - askedAt), signal);
  } finally {
    stopSeeking();
  }
  const meant = bestMatches(finder.table.named(name));
  const [only, ...others] = meant;
  if (only === undefined) throw nobodyHas(`"${name}"`, timeoutMs, finder.reports());
  if (others.length === 0) return only;
  emit({ event: 'ambiguous', name, contents: meant.map(listingOf) });
  throw ambiguous(name, meant);
}

/** Others answer about as fast as the first one did: where that took long, the network or we are slow. */
function settleMs(firstAnswerMs: number): number {
  return Math.min(NAME_SETTLE_MAX_MS, Math.max(NAME_SETTLE_MIN_MS, 2 * firstAnswerMs));
}

/** NAME itself comes before contents whose .torrent would be called NAME. */
function bestMatches(matches: readonly NamedContent[]): readonly NamedContent[] {
  const exact = matches.filter(({ match }) => match === 'exact');
  return exact.length > 0 ? exact : matches;
}

function firstAnswer(
  context: NodeContext,
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { finder, clock } = context;
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = (): void => {
      over.abort();
      stopListening();
      resolve();
    };
    const stopListening = finder.table.onChange((change) => {
      if (change.kind !== 'gone' && finder.table.named(name).length > 0) end();
    });
    void sleep(clock, timeoutMs, AbortSignal.any([signal, over.signal])).then(end);
  });
}

function ambiguous(name: string, contents: readonly NamedContent[]): LanshareError {
  const hashes = contents.map(({ infoHash }) => infoHash).join(', ');
  return new LanshareError(
    'AMBIGUOUS_NAME',
    `"${name}" is the name of ${contents.length} different contents on this LAN: ${hashes}`,
    'fetch the one you mean by its hash: lanshare fetch HASH',
  );
}

/** Exit code 3, saying what was tried and where, and how it went with the last peer. */
export function nobodyHas(
  what: string,
  timeoutMs: number,
  reports: readonly DiscoveryReport[],
  got: { readonly lastTrouble?: string | undefined; readonly pieces?: number } = {},
): LanshareError {
  const { lastTrouble, pieces = 0 } = got;
  const found = lastTrouble !== undefined || pieces > 0;
  const tried = reports.length > 0 ? describeReports(reports) : 'no discovery';
  const last = lastTrouble === undefined ? '' : `; the last peer was ${lastTrouble}`;
  return new LanshareError(
    'NOBODY_HAS_IT',
    `${found ? 'no peer gave' : 'nobody said to have'} ${what} within ${timeoutMs / 1000} s; tried ${tried}${last}`,
    `check that it is shared on this network (lanshare list), or name the other machine with --peer HOST:PORT${pieces > 0 ? '; what has arrived is kept' : ''}`,
  );
}

/** Without an interface nobody can be found. Rejecting at once says more than a search that cannot succeed. */
export function refuseWithoutWay(context: Pick<NodeContext, 'finder' | 'peers' | 'trackers'>): void {
  const { finder, peers, trackers } = context;
  const reports = finder.reports();
  if (peers.length > 0 || trackers.length > 0 || reports.length === 0) return;
  if (reports.some(({ interfaces }) => interfaces.length > 0)) return;
  throw new LanshareError(
    'NO_USABLE_INTERFACE',
    `nobody can be found: ${describeReports(reports)}`,
    'connect this machine to the network, or name the other machine with --peer HOST:PORT',
  );
}

/** `beacon, gossip on eth0 (10.77.0.2); mdns on no interface (why)`: ways that fared alike stand together. */
function describeReports(reports: readonly DiscoveryReport[]): string {
  const pathsOf = new Map<string, string[]>();
  for (const report of reports) {
    const how = howItFared(report);
    pathsOf.set(how, [...(pathsOf.get(how) ?? []), report.path]);
  }
  return [...pathsOf].map(([how, paths]) => `${paths.join(', ')} ${how}`).join('; ');
}

function howItFared({ interfaces, problems }: DiscoveryReport): string {
  const where = interfaces.length > 0 ? `on ${interfaces.join(', ')}` : 'on no interface';
  return `${where}${problems.length > 0 ? ` (${problems.join('; ')})` : ''}`;
}
