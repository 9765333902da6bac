import { LanshareError, systemErrorCode } from '../../errors.ts';

/** Something lies where a part's own file belongs, and lanshare did not put it there. */
export function strange(path: string, what: string): LanshareError {
  return new LanshareError(
    'EXISTS_DIFFERENT',
    `${path} ${what}, not something that an earlier fetch left`,
    'remove it, or choose another folder with --out',
  );
}

/** What open(2) reports where it must not follow a link, must create, or meets a folder; otherwise undefined. */
export function strangeFile(error: unknown, path: string): LanshareError | undefined {
  switch (systemErrorCode(error)) {
    case 'ELOOP':
      return strange(path, 'is a symbolic link');
    case 'EISDIR':
      return strange(path, 'is a folder');
    case 'EEXIST':
      return strange(path, 'is there already (or differs from another name only in a way this disk ignores)');
    case 'ENXIO':
      return strange(path, 'is a pipe or a device');
    default:
      return undefined;
  }
}
