import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import type { Output } from '../host.ts';

/**
 * Takes the bytes of a fetch for stdout, each call resolving when the system has them. Rejects with
 * OUTPUT_CLOSED where the reader went away, with a disk error where stdout is a file that cannot grow.
 */
export function stdoutSink(stdout: Output): (bytes: Uint8Array) => Promise<void> {
  return (bytes) =>
    new Promise((resolve, reject) => {
      stdout.write(bytes, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(outputError(error));
      });
    });
}

function outputError(error: Error): LanshareError {
  const code = systemErrorCode(error);
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') {
    return new LanshareError('OUTPUT_CLOSED', 'the reader of standard output went away', '', {
      cause: error,
    });
  }
  return diskError(error, 'write', 'standard output');
}
