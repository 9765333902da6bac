import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Linux keeps the neighbours of all network namespaces in one table a family, of 1,024 by default: with fifty hosts that
 * know each other it overflows, and datagrams are lost. Returns how to undo it.
 */
export function widenNeighbourTables() {
  const before = new Map();
  for (const family of ['ipv4', 'ipv6'])
    for (const [setting, value] of [
      ['gc_thresh3', 65_536],
      ['gc_thresh2', 32_768],
      ['gc_thresh1', 16_384],
    ]) {
      const path = `/proc/sys/net/${family}/neigh/default/${setting}`;
      before.set(path, readFileSync(path, 'utf8'));
      writeFileSync(path, `${value}`);
    }
  return () => {
    for (const [path, value] of [...before].reverse()) writeFileSync(path, value);
  };
}
