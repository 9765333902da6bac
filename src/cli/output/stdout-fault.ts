import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';

/** What a failed write to standard output means: OUTPUT_CLOSED, or a disk error where it is a file. */
export function stdoutFault(error: unknown): LanshareError {
  const code = systemErrorCode(error);
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') {
    return new LanshareError('OUTPUT_CLOSED', 'the reader of standard output went away', '', {
      cause: error,
    });
  }
  const { code: kind, message } = diskError(error, 'write', 'standard output');
  return new LanshareError(kind, message, 'make room, or send it somewhere else', { cause: error });
}
