import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, inject, onTestFinished } from 'vitest';
import type { Host } from './lab.mjs';
import type { CommandEvent, Exit, Running, RunOptions, StartOptions } from './running.mjs';

/** The built command, as it is installed. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const MiB = 1024 * 1024;

/** Like `describe`, on machines that can make a LAN. */
export const describeOnLan = describe.skipIf(inject('noLanBecause') !== '');

/** The words that run `lanshare` with these arguments. */
export function lanshare(...words: readonly string[]): string[] {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing; run npm run build first');
  return [process.execPath, MAIN, ...words];
}

/** One end of a transfer: a host and a folder of its own, which the command runs in. */
export interface Seat {
  readonly host: Host;
  readonly folder: string;
  /** Folder and environment its commands run in. */
  readonly place: StartOptions;
  /** The path of `name` in the folder. */
  at(name: string): string;
  /** Puts a file there. */
  put(name: string, content?: string | Uint8Array): Promise<Buffer>;
  read(name: string): Promise<Buffer>;
  run(words: readonly string[], options?: RunOptions): Promise<Exit>;
  start(words: readonly string[], options?: StartOptions): Running;
  /** Runs `lanshare share` until the test ends; resolves when it is offered. */
  share(...words: readonly string[]): Promise<Sharer>;
  /** Runs `lanshare fetch --json` to its end. */
  fetch(...words: readonly string[]): Promise<Fetched>;
}

export interface Sharer extends Running {
  readonly sharing: CommandEvent;
  readonly infoHash: string;
}

export interface Fetched extends Exit {
  readonly events: readonly CommandEvent[];
  /** How it ended: its `done` or `error`, or else its last event. */
  readonly result: CommandEvent;
}

/** A seat whose folder and processes are gone after the test. */
export async function seatAt(host: Host): Promise<Seat> {
  const home = await temporaryFolder();
  const folder = join(home, 'work');
  await mkdir(folder);
  const place = { cwd: folder, env: { HOME: home, XDG_CACHE_HOME: join(home, 'cache') } };
  const seat: Seat = {
    host,
    folder,
    place,
    at: (name) => join(folder, name),
    async put(name, content = randomBytes(100_000)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      const bytes = Buffer.from(content);
      await writeFile(path, bytes);
      return bytes;
    },
    read: (name) => readFile(join(folder, name)),
    run: (words, options) => host.run(lanshare(...words), { ...place, ...options }),
    start(words, options) {
      const running = host.start(lanshare(...words), { ...place, ...options });
      onTestFinished(async () => {
        running.kill('SIGKILL');
        await running.exit();
      });
      return running;
    },
    async share(...words) {
      const running = seat.start(['share', '--json', ...words]);
      const sharing = await running.event('sharing');
      return Object.assign(running, { sharing, infoHash: String(sharing['infoHash']) });
    },
    fetch: (...words) => finished(seat.start(['fetch', '--json', ...words])),
  };
  return seat;
}

/** Waits for the end of a `--json` command. */
export async function finished(running: Running, timeoutMs?: number): Promise<Fetched> {
  const exit = await running.exit(timeoutMs);
  const events = running.events();
  const result = events.findLast(({ event }) => event === 'done' || event === 'error') ?? events.at(-1);
  if (result === undefined) throw new Error(`no event at all: ${exit.stderr}`);
  return { ...exit, events, result };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lanshare-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
