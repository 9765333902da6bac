import { constants, type Stats } from 'node:fs';
import { access, copyFile, mkdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { type PlannedProject, type ProjectWishes, planProject, refuseNumbers } from './plan-project.ts';
import type { Project } from './project.ts';

/** What `lanshare peer init` was told. */
export interface NewProject extends ProjectWishes {
  /** Absolute path of the folder that the files are written to; it is made where it is missing. */
  readonly directory: string;
  /** Absolute path of the file that is to be exchanged. */
  readonly file: string;
}

/**
 * Writes Common.cfg, PeerInfo.cfg and a folder `peer_ID` for each peer, with a copy of the file in those of the
 * seeders. All or nothing: what was made is taken away again when something fails or the signal aborts.
 *
 * @param isFree - Whether a peer could listen on a port here.
 * @throws LanshareError EXISTS_DIFFERENT where something is there already (it is left as it is), USAGE, UNSAFE_NAME or
 * BAD_CONFIG (see `planProject`), PORT_IN_USE, or a disk code. The signal's reason when it aborts.
 */
export async function writeProject(
  wanted: NewProject,
  isFree: (port: number) => Promise<boolean>,
  signal: AbortSignal,
): Promise<Project> {
  refuseNumbers(wanted);
  await refuseExisting(wanted.directory);
  const source = await statSource(wanted.file);
  const file = { name: basename(wanted.file), size: source.size };
  const planned = planProject(wanted, file, await freePorts(wanted.peers, isFree));
  const made = new MadePaths();
  try {
    await writeFolders(wanted, planned, source, made, signal);
    await made.file(join(wanted.directory, 'Common.cfg'), planned.commonText);
    await made.file(join(wanted.directory, 'PeerInfo.cfg'), planned.peerInfoText);
  } catch (error) {
    await made.remove();
    throw error;
  }
  return planned.project;
}

async function refuseExisting(directory: string): Promise<void> {
  for (const name of ['Common.cfg', 'PeerInfo.cfg']) {
    const path = join(directory, name);
    const stats = await stat(path).catch((error: unknown) => {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw diskError(error, 'look at', path);
    });
    if (stats !== undefined) throw alreadyThere(path);
  }
}

async function statSource(path: string): Promise<Stats> {
  let stats: Stats;
  try {
    stats = await stat(path);
    await access(path, constants.R_OK);
  } catch (error) {
    throw diskError(error, 'read', path);
  }
  if (!stats.isFile()) {
    throw new LanshareError(
      'USAGE',
      `${path} is not a file`,
      'name one file with --file; a folder cannot be exchanged',
    );
  }
  if (stats.size === 0) {
    throw new LanshareError(
      'USAGE',
      `${path} is empty: there is nothing to exchange`,
      'name another file with --file',
    );
  }
  return stats;
}

/** The assignment's first port. */
const FIRST_PORT = 6001;

/** The lowest ports from 6001 on that are free, each once. */
async function freePorts(
  count: number,
  isFree: (port: number) => Promise<boolean>,
): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let port = FIRST_PORT; ports.length < count && port <= 65_535; port++) {
    if (await isFree(port)) ports.push(port);
  }
  if (ports.length === count) return ports;
  throw new LanshareError(
    'PORT_IN_USE',
    `only ${ports.length} ports are free, and ${count} peers need one each`,
    'end what listens on the others, or take fewer peers',
  );
}

async function writeFolders(
  { directory, file }: NewProject,
  { project }: PlannedProject,
  source: Stats,
  made: MadePaths,
  signal: AbortSignal,
): Promise<void> {
  await made.folder(directory);
  for (const { id, hasFile } of project.peers) {
    signal.throwIfAborted();
    const folder = join(directory, `peer_${id}`);
    await made.folder(folder);
    if (hasFile) await made.copy(file, join(folder, project.common.fileName), source);
  }
}

/** What one run of init has made, so that it can be taken away again. */
class MadePaths {
  readonly #undo: (() => Promise<void>)[] = [];

  /** There it may be already. */
  async folder(path: string): Promise<void> {
    try {
      const first = await mkdir(path, { recursive: true });
      if (first !== undefined) this.#undo.push(() => rmdir(path));
    } catch (error) {
      throw diskError(error, 'write', path);
    }
  }

  async file(path: string, text: string): Promise<void> {
    try {
      await writeFile(path, text, { flag: 'wx' });
      this.#undo.push(() => rm(path));
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') throw alreadyThere(path);
      await rm(path, { force: true }).catch(() => {});
      throw diskError(error, 'write', path);
    }
  }

  /**
   * A copy and no hard link: a program that writes into the file of its peer must not change the one that was given.
   * Where the file system can, both share their blocks. `source` may be that copy already.
   */
  async copy(from: string, to: string, source: Stats): Promise<void> {
    try {
      await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw diskError(error, 'write', to);
      const there = await stat(to);
      if (there.dev !== source.dev || there.ino !== source.ino) throw alreadyThere(to);
      return;
    }
    this.#undo.push(() => rm(to));
    const { size } = await stat(to);
    if (size !== source.size) {
      throw new LanshareError(
        'SHARE_CHANGED',
        `${from} changed while it was copied`,
        'run the same command again',
      );
    }
  }

  /** As well as it goes: the fault that led here is what the user is told. */
  async remove(): Promise<void> {
    for (const undo of this.#undo.reverse()) await undo().catch(() => {});
  }
}

function alreadyThere(path: string): LanshareError {
  return new LanshareError(
    'EXISTS_DIFFERENT',
    `${path} is there already`,
    'take another folder with --dir, or remove it; nothing was written',
  );
}
