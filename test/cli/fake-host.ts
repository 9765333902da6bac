import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Classroom } from '../../src/cli/classroom.ts';
import type { Host, Output } from '../../src/cli/host.ts';
import { run } from '../../src/cli/run.ts';
import type { Surroundings } from '../../src/diagnosis/gather-facts.ts';
import type { LanshareNode, NodeOptions } from '../../src/node/api.ts';
import { type Clock, systemClock } from '../../src/platform/clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { type VirtualHost, VirtualLan } from '../support/virtual-lan.ts';

/** A stream that keeps what is written, as a terminal or not. */
export class CapturedOutput extends Writable implements Output {
  readonly isTTY: boolean;
  columns: number | undefined;
  rows: number | undefined;
  #bytes = Buffer.alloc(0);

  readonly #error: Error | undefined;

  /** With an `error`, every write fails with it. */
  constructor({
    columns,
    rows,
    error,
  }: { columns?: number | undefined; rows?: number | undefined; error?: Error | undefined } = {}) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns;
    this.rows = rows;
    this.#error = error;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    if (this.#error === undefined) this.#bytes = Buffer.concat([this.#bytes, chunk]);
    done(this.#error);
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get text(): string {
    return this.#bytes.toString();
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export interface FakeHost extends Host {
  readonly input: PassThrough;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  /** Codes that `exit` was called with. */
  readonly exits: readonly number[];
}

export interface HostSettings {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Makes stderr a terminal. */
  readonly terminalColumns?: number;
  /** Makes stdout a terminal, too. */
  readonly stdoutSize?: { readonly columns: number; readonly rows: number };
  readonly stdoutError?: Error;
  readonly clock?: Clock;
  readonly addresses?: readonly string[];
  /** A LAN of one host; by default it has eth0 with 10.77.0.2. */
  readonly surroundings?: Surroundings;
  readonly createNode?: (options: NodeOptions) => Promise<LanshareNode>;
  readonly createTrackerServer?: Host['createTrackerServer'];
  readonly openStore?: Host['openStore'];
  readonly classroom?: Classroom;
}

export function fakeHost(settings: HostSettings = {}): FakeHost {
  const exits: number[] = [];
  const input = new PassThrough();
  return {
    env: settings.env ?? {},
    cwd: settings.cwd ?? '/nowhere',
    input,
    stdin: () => input,
    stdout: new CapturedOutput({ error: settings.stdoutError, ...settings.stdoutSize }),
    stderr: new CapturedOutput({ columns: settings.terminalColumns }),
    events: new EventEmitter(),
    clock: settings.clock ?? systemClock,
    addresses: () => settings.addresses ?? [],
    createNode: settings.createNode ?? (() => Promise.reject(new Error('no node is needed here'))),
    createTrackerServer:
      settings.createTrackerServer ?? (() => Promise.reject(new Error('no tracker is needed here'))),
    openStore: settings.openStore ?? (async () => undefined),
    classroom: async () => {
      if (settings.classroom === undefined) throw new Error('no classroom is needed here');
      return settings.classroom;
    },
    surroundings: async () => settings.surroundings ?? surroundingsOf(loneHost(), new VirtualClock()),
    exits,
    exit: (code) => void exits.push(code),
  };
}

function loneHost(): VirtualHost {
  return new VirtualLan(new VirtualClock(), seededRandom(1)).host({ eth0: ['10.77.0.2/24'] });
}

/** The network as `host` sees it, where nobody can be dialled. */
export function surroundingsOf(host: VirtualHost, clock: Clock): Surroundings {
  return {
    clock,
    random: seededRandom(2),
    datagrams: host,
    interfaceSource: host.interfaces,
    dial: async () => 'no answer',
  };
}

/** Runs a whole command on a fake host. */
export async function lanshare(argv: readonly string[], settings: HostSettings = {}) {
  const host = fakeHost(settings);
  const exitCode = await run(argv, host);
  return { exitCode, host, stdout: host.stdout.text, stderr: host.stderr.text };
}

/** The objects that --json wrote; throws where a line is none. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** A directory that is removed after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lanshare-cli-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
