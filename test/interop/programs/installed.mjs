import { spawnSync } from 'node:child_process';

/** Says which of these programs, by the name of their Debian package, is missing; undefined where none is. */
export function missingPackage(packageOf) {
  const absent = Object.keys(packageOf).find(
    (program) => spawnSync(program, ['--version']).error !== undefined,
  );
  return absent === undefined ? undefined : `${packageOf[absent]} is not installed`;
}
