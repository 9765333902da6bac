import type { Output } from '../host.ts';
import { stdoutFault } from '../output/stdout-fault.ts';

/**
 * Takes the bytes of a fetch for stdout, each call resolving when the system has them. Rejects with
 * OUTPUT_CLOSED where the reader went away, with a disk error where stdout is a file that cannot grow.
 */
export function stdoutSink(stdout: Output): (bytes: Uint8Array) => Promise<void> {
  return (bytes) =>
    new Promise((resolve, reject) => {
      stdout.write(bytes, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(stdoutFault(error));
      });
    });
}
