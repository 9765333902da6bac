import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';

/** `1.07 GB`, as disks and networks count. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes);
}

/** `256 KiB`; piece lengths are powers of two. */
export function formatPieceLength(bytes: number): string {
  return prettyBytes(bytes, { binary: true });
}

export function formatRate(bytesPerSecond: number): string {
  return `${prettyBytes(Math.round(bytesPerSecond))}/s`;
}

/** `840ms`, `2.3s`, `1h 2m`. */
export function formatSeconds(seconds: number): string {
  return prettyMilliseconds(seconds * 1000, { unitCount: 2 });
}

/** For what is only guessed: whole seconds. */
export function formatEta(seconds: number): string {
  return prettyMilliseconds(Math.ceil(seconds) * 1000, { unitCount: 2, secondsDecimalDigits: 0 });
}

/** Rounded down, so that 100 % means all of it. */
export function formatPercent(done: number, total: number): string {
  return total === 0 ? '100%' : `${Math.floor((done / total) * 100)}%`;
}

/** `1 peer`, `3 peers`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
