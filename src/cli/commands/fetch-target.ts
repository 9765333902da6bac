import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { MAX_NAME_BYTES } from '../../limits.ts';
import { isMagnet, parseMagnet } from '../../metainfo/magnet.ts';
import { isInfoHash } from '../../metainfo/metainfo.ts';
import type { FetchTarget } from '../../node/api.ts';
import { shellQuote } from '../output/shell-quote.ts';
import { inspectTorrentFile, madeSafe } from './torrent-input.ts';

/**
 * What the argument of `fetch` means: an info-hash (of v2 in full, too), a magnet link, a .torrent file that exists, else a
 * name on the LAN.
 * Throws USAGE for what can be none of them, and what reading a .torrent or a magnet link throws.
 */
export async function resolveTarget(
  what: string,
  cwd: string,
  onWarning: (message: string) => void = () => {},
): Promise<FetchTarget> {
  const hash = what.toLowerCase();
  if (isInfoHash(hash)) return { kind: 'infoHash', infoHash: hash };
  if (/^[0-9a-f]{64}$/.test(hash))
    return { kind: 'magnet', magnet: parseMagnet(`magnet:?xt=urn:btmh:1220${hash}`) };
  if (isMagnet(what)) return { kind: 'magnet', magnet: parseMagnet(what) };
  if (what.endsWith('.torrent') && (await isFile(what, cwd))) {
    const { torrent, namesMadeSafe } = await inspectTorrentFile(what, cwd);
    if (namesMadeSafe > 0) onWarning(`${what}: ${madeSafe(namesMadeSafe)}`);
    return { kind: 'torrent', torrent };
  }
  if (/[/\\]/.test(what)) throw notAName(what);
  if (what === '' || Buffer.byteLength(what) > MAX_NAME_BYTES) {
    throw new LanshareError(
      'USAGE',
      `a name has 1 to ${MAX_NAME_BYTES} bytes`,
      'lanshare list shows what is there',
    );
  }
  return { kind: 'name', name: what };
}

/** False for a folder too: `movie.torrent` may be a name after all. */
async function isFile(path: string, cwd: string): Promise<boolean> {
  try {
    return !(await stat(resolve(cwd, path))).isDirectory();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemErrorCode(error) ?? '')) return false;
    throw diskError(error, 'read', path);
  }
}

function notAName(what: string): LanshareError {
  if (what.endsWith('.torrent')) return diskError(missing, 'read', what);
  const name = basename(what);
  return new LanshareError(
    'USAGE',
    `"${what}" is a path, and what others share has a name without slashes`,
    name === '' ? 'lanshare list shows what is there' : `try: lanshare fetch ${shellQuote(name)}`,
  );
}

const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
