export interface StartOptions {
  readonly cwd?: string;
  /** Beside the environment of the tests, without its LANSHARE_* variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on stdin. */
  readonly input?: string | Uint8Array;
  /** Follow its peak memory. */
  readonly memory?: boolean;
}

export interface RunOptions extends StartOptions {
  /** It is killed, and the run rejects, after so long. Default 15 s. */
  readonly timeoutMs?: number;
}

export interface Exit {
  /** `null` where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly peakBytes: number;
}

/** One line of `--json` output. */
export interface CommandEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface Running {
  readonly pid: number;
  readonly alive: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory it had resident at once; 0 unless started with `memory`. */
  readonly peakBytes: number;
  /** The JSON objects on stdout so far; throws on a line that is not one. */
  events(): CommandEvent[];
  /** The first event of that name. Rejects when the program ends or time runs out first. */
  event(
    name: string,
    options?: { matches?: (event: CommandEvent) => boolean; timeoutMs?: number },
  ): Promise<CommandEvent>;
  /** Waits for text on stdout or stderr. */
  says(pattern: RegExp, options?: { timeoutMs?: number }): Promise<void>;
  /** Waits for its end. Kills it and rejects when that takes longer than `timeoutMs`. */
  exit(timeoutMs?: number): Promise<Exit>;
  kill(signal?: NodeJS.Signals): void;
  /** Asks it to end (SIGINT unless said otherwise), and waits. */
  stop(signal?: NodeJS.Signals, timeoutMs?: number): Promise<Exit>;
}

/** Starts `argv` and returns at once. */
export function start(argv: readonly string[], options?: StartOptions): Running;
/** Runs `argv` to its end. */
export function run(argv: readonly string[], options?: RunOptions): Promise<Exit>;
/** The environment of the tests without LANSHARE_* variables, and `extra`. */
export function cleanEnvironment(extra?: Readonly<Record<string, string>>): Record<string, string>;
