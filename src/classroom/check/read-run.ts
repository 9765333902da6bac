import { stat } from 'node:fs/promises';
import path from 'node:path';
import { LanshareError } from '../../errors.ts';
import type { ListedPeer, Project } from '../config/project.ts';
import { readProject } from '../config/read-project.ts';
import { dataFolder } from '../content/data-folder.ts';
import { readFiles } from './read-files.ts';
import { readLog } from './read-log.ts';
import { RunCheck } from './run-check.ts';
import type { RunVerdict } from './run-verdict.ts';

/** What lies in a folder after a run. */
export interface FinishedRun {
  readonly project: Project;
  /** About the configuration, a sentence each. */
  readonly notes: readonly string[];
  readonly verdict: RunVerdict;
}

/**
 * Judges the run that took place in a folder: with Common.cfg and PeerInfo.cfg, the logs `log_peer_1001.log` in it or
 * in the peers' folders, and the files in these folders, as far as they are there.
 *
 * @throws LanshareError NO_SUCH_PATH where a .cfg file, or each of the logs, is missing; BAD_CONFIG; NOT_PERMITTED; DISK.
 */
export async function readRun(directory: string, signal: AbortSignal): Promise<FinishedRun> {
  const { project, notes } = await readProject(directory);
  const check = new RunCheck(project);
  let logs = 0;
  for (const peer of project.peers) {
    const file = await logOf(directory, peer);
    if (file === undefined) continue;
    logs += 1;
    const log = check.begin(peer);
    await readLog(file, log, signal);
    log.end();
  }
  if (logs === 0) throw noLogs(directory, project);
  return { project, notes, verdict: check.verdict(await readFiles(directory, project, signal)) };
}

async function logOf(directory: string, { id }: ListedPeer): Promise<string | undefined> {
  const name = `log_peer_${id}.log`;
  for (const folder of [directory, await dataFolder(directory, id)]) {
    const file = path.join(folder, name);
    if (await isFile(file)) return file;
  }
  return undefined;
}

/** Opening a pipe would wait for its writer. */
async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

function noLogs(directory: string, { peers }: Project): LanshareError {
  return new LanshareError(
    'NO_SUCH_PATH',
    `there is no log of a run in ${directory}, like log_peer_${peers[0]?.id}.log`,
    'run the peers first, or name the folder they ran in',
  );
}
