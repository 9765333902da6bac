import fs, { type BigIntStats } from 'node:fs';
import { promisify } from 'node:util';

/*
 * File calls on plain descriptors, one promise each. The FileHandle of node:fs/promises costs about five
 * times as much CPU a call, which 10,000 small files feel.
 */

const { O_NOFOLLOW } = fs.constants;

/** Refuses to follow a symbolic link in the last part of a path. 0 on Windows, which has no such flag. */
export const NO_FOLLOW: number = O_NOFOLLOW ?? 0;

export const openDescriptor: (path: string, flags: number, mode?: number) => Promise<number> = promisify(
  fs.open,
);
export const closeDescriptor: (descriptor: number) => Promise<void> = promisify(fs.close);
export const syncData: (descriptor: number) => Promise<void> = promisify(fs.fdatasync);
export const truncateTo: (descriptor: number, length: number) => Promise<void> = promisify(fs.ftruncate);

export function statDescriptor(descriptor: number): Promise<BigIntStats> {
  return new Promise((resolve, reject) => {
    fs.fstat(descriptor, { bigint: true }, (error, stats) =>
      error === null ? resolve(stats) : reject(error),
    );
  });
}

/** Reads until `length` bytes are there or the file ends. Resolves with the number of bytes read. */
export async function readAt(
  descriptor: number,
  target: Uint8Array,
  start: number,
  length: number,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < length) {
    const count = await readOnce(descriptor, target, start + done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Writes all of it; a short write is continued. */
export async function writeAt(
  descriptor: number,
  source: Uint8Array,
  start: number,
  length: number,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < length)
    done += await writeOnce(descriptor, source, start + done, length - done, position + done);
}

function readOnce(
  descriptor: number,
  target: Uint8Array,
  start: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, target, start, length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}

function writeOnce(
  descriptor: number,
  source: Uint8Array,
  start: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(descriptor, source, start, length, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}
