import { spawnSync } from 'node:child_process';

/**
 * The Python interpreter that has libtorrent; undefined where none has. Debian's python3-libtorrent is installed for the
 * system's interpreter; another may come first in PATH.
 */
export function pythonWithLibtorrent(): string | undefined {
  return ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', 'import libtorrent']).status === 0,
  );
}
