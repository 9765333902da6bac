import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where hashes are remembered: LANSHARE_CACHE_DIR, else the place the system has for caches
 * (XDG Base Directory Specification; `Library/Caches`; `%LOCALAPPDATA%`).
 */
export function defaultCacheDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const { LANSHARE_CACHE_DIR: own, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (own !== undefined && own !== '') return own;
  if (platform === 'win32') return join(local || join(home, 'AppData', 'Local'), 'lanshare', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'lanshare');
  // The specification says to ignore a relative path.
  return join(xdg?.startsWith('/') ? xdg : join(home, '.cache'), 'lanshare');
}
