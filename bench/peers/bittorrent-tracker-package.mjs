import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../test/lan/running.mjs';
import { emptyFolder } from '../trial.mjs';

const SERVER = 'node_modules/bittorrent-tracker/server.js';
const INSTALL_TIMEOUT_MS = 120_000;

/**
 * The folder whose node_modules have the npm package bittorrent-tracker, which is no dependency of ours: the one that
 * BITTORRENT_TRACKER names, or a new one in `place`. Undefined where npm cannot get it.
 */
export async function bittorrentTrackerFolder(place) {
  const named = process.env.BITTORRENT_TRACKER;
  if (named !== undefined) return existsSync(join(named, SERVER)) ? named : undefined;
  const folder = await emptyFolder(join(place, 'bittorrent-tracker'));
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  try {
    await run(['npm', ...words, 'bittorrent-tracker'], { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS });
  } catch {
    return undefined;
  }
  return existsSync(join(folder, SERVER)) ? folder : undefined;
}
