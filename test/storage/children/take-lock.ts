import { PartLock } from '../../../src/storage/part/part-lock.ts';

/** A child of part-lock.test.ts: tries to take the lock, says how it went, and waits to be killed. */
const path = process.argv[2] ?? '';
try {
  await PartLock.take(path, 'x');
  process.send?.('taken');
} catch (error) {
  process.send?.(error instanceof Error ? error.message : String(error));
}
setInterval(() => {}, 1000);
