import { beforeEach } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type FakeHost, fakeHost, type HostSettings, temporaryDirectory } from './fake-host.ts';
import { metainfoOf } from './fake-node.ts';
import { type FakeTracker, fakeTrackers } from './fake-tracker.ts';

export interface Tracking {
  readonly host: FakeHost;
  readonly clock: VirtualClock;
  readonly tracker: FakeTracker;
  /** Ctrl-C; resolves with the exit code. */
  interrupt(): Promise<number>;
}

export let cwd = '';
export let env: Record<string, string> = {};
beforeEach(async () => {
  cwd = await temporaryDirectory();
  env = { LANSHARE_CACHE_DIR: await temporaryDirectory() };
});

/** `lanshare tracker` with a tracker that does what the test says. */
export async function tracking(
  words: readonly string[] = [],
  settings: HostSettings = {},
): Promise<Tracking> {
  const clock = new VirtualClock();
  const { trackers, createTrackerServer } = fakeTrackers();
  const host = fakeHost({ createTrackerServer, clock, cwd, env, ...settings });
  const exitCode = run(['tracker', ...words], host);
  const ended = Promise.race([
    exitCode.then(() => true),
    new Promise((resolve) => setImmediate(resolve, false)),
  ]);
  // Modules are loaded in their own time; then what it said first is shown, or nothing with --quiet.
  while (!(await ended) && host.stdout.text + host.stderr.text === '' && !isSilent(words))
    await new Promise((resolve) => setImmediate(resolve));
  while (trackers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [tracker] = trackers;
  if (tracker === undefined) throw new Error('there is no tracker');
  return {
    host,
    clock,
    tracker,
    interrupt() {
      host.events.emit('SIGINT');
      return exitCode;
    },
  };
}

function isSilent(words: readonly string[]): boolean {
  return words.includes('--quiet') || words.includes('--log-file');
}

export const { infoHash } = metainfoOf('movie.txt');

export function match(asker = 3, ...others: readonly number[]) {
  const peer = (number: number) => ({ host: `10.77.0.${number}`, port: 40_000 + number });
  return {
    event: 'matched',
    infoHash,
    name: 'movie.txt',
    peer: peer(asker),
    with: others.map(peer),
  } as const;
}
