import path from 'node:path';
import { isThere } from '../../storage/is-there.ts';
import type { ListedPeerId } from '../config/project.ts';

/** Where a peer's file belongs: `peer_1001/`, or `1001/` as some courses have it, where only that is there. */
export async function dataFolder(directory: string, id: ListedPeerId): Promise<string> {
  const usual = path.join(directory, `peer_${id}`);
  const short = path.join(directory, `${id}`);
  return !(await isThere(usual)) && (await isThere(short)) ? short : usual;
}
