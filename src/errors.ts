/**
 * Every fault that a user can meet, as a typed value: a code for programs, one sentence for people
 * (`message`) and what to do next (`hint`). The exit code of each is part of the command's contract.
 */
const EXIT_CODES = {
  INTERNAL: 1,
  USAGE: 2,
  NOBODY_HAS_IT: 3,
  PEERS_MISSING: 3,
  AMBIGUOUS_NAME: 4,
  PORT_IN_USE: 5,
  NO_USABLE_INTERFACE: 5,
  NETWORK: 5,
  NO_SUCH_PATH: 6,
  NOT_PERMITTED: 6,
  DISK_FULL: 6,
  DISK: 6,
  NO_FILES: 6,
  EXISTS_DIFFERENT: 6,
  IN_USE: 6,
  OUTPUT_CLOSED: 6,
  CONTENT_MISMATCH: 7,
  SHARE_CHANGED: 7,
  RULES_BROKEN: 7,
  NOT_A_TORRENT: 8,
  UNSAFE_NAME: 8,
  BAD_CONFIG: 8,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;
export type ExitCode = (typeof EXIT_CODES)[ErrorCode] | 0;

export class LanshareError extends Error {
  override readonly name = 'LanshareError';
  readonly code: ErrorCode;
  /** What the user can do about it; one sentence. */
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint = '', options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  get exitCode(): ExitCode {
    return EXIT_CODES[this.code];
  }
}

/** Wraps what is not ours yet; a LanshareError passes through untouched. */
export function asLanshareError(error: unknown): LanshareError {
  if (error instanceof LanshareError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new LanshareError(
    'INTERNAL',
    `something inside lanshare failed: ${text}`,
    'please report it with --verbose output',
    {
      cause: error,
    },
  );
}

/** The `code` of a Node system error (`ENOENT`, `EADDRINUSE`, ...), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What is done to a file that lies where it lies: another place for it is no way out. */
const READING: ReadonlySet<string> = new Set(['read', 'open', 'look at', 'share']);

/** The system's own text for these would say the path once more, and the call. */
const WORDS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/** A file-system error as a sentence about `path`, doing `action` ("read", "write", "open"). */
export function diskError(error: unknown, action: string, path: string): LanshareError {
  if (error instanceof LanshareError) return error;
  const code = systemErrorCode(error);
  const cause = { cause: error };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new LanshareError(
        'NO_SUCH_PATH',
        `cannot ${action} ${path}: it is not there`,
        'check the path',
        cause,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new LanshareError(
        'NOT_PERMITTED',
        `cannot ${action} ${path}: ${code === 'EROFS' ? 'the file system is read-only' : 'permission denied'}`,
        READING.has(action) ? 'change its permissions' : 'change its permissions or choose another place',
        cause,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new LanshareError(
        'DISK_FULL',
        `cannot ${action} ${path}: the disk is full`,
        'make room and run the same command again; what has arrived is kept',
        cause,
      );
    default: {
      const text = error instanceof Error ? error.message : String(error);
      return new LanshareError(
        'DISK',
        `cannot ${action} ${path}: ${WORDS[code ?? ''] ?? text}`,
        'check the disk and the path',
        cause,
      );
    }
  }
}
