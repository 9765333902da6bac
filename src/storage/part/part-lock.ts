import fs from 'node:fs';
import { lstat, unlink } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { MAX_LOCK_FILE_BYTES } from '../../limits.ts';
import {
  closeDescriptor,
  NO_FOLLOW,
  openDescriptor,
  readAt,
  statDescriptor,
  writeAt,
} from '../../platform/file-calls.ts';
import { currentBootId, isRunning, thisProcess } from '../machine.ts';
import { strange, strangeFile } from './strange-file.ts';

/*
 * One writer a part. A lock file cannot simply be created exclusively: after SIGKILL it would stay, and removing
 * a stale one races with somebody else who does the same. So a lock file is a list of claims, appended with
 * O_APPEND, which puts them in an order that everybody sees alike. The first claim whose process still runs holds
 * the lock. Dead claims need no removal. Only the holder removes the file.
 * The claims are told apart by boot, process number and process start, so neither a kill nor a reboot leaves
 * a lock behind. It holds between processes that see each other: one machine, one PID namespace.
 */

interface Claim {
  readonly bootId: string;
  readonly pid: number;
  readonly started: string;
  /** Tells the claims of one process apart. */
  readonly serial: string;
}

let claimsMade = 0;

export class PartLock {
  readonly #path: string;
  readonly #inode: bigint;

  private constructor(path: string, inode: bigint) {
    this.#path = path;
    this.#inode = inode;
  }

  /** Rejects with IN_USE where a running process, this one included, holds the lock. */
  static async take(path: string, contentName: string): Promise<PartLock> {
    for (;;) {
      const lock = await PartLock.#tryTake(path, contentName);
      if (lock !== undefined) return lock;
    }
  }

  /** Resolves with undefined where the holder removed the file meanwhile: nobody else will look at it. */
  static async #tryTake(path: string, contentName: string): Promise<PartLock | undefined> {
    const descriptor = await openLock(path);
    try {
      const stats = await statDescriptor(descriptor);
      if (!stats.isFile() || stats.nlink > 1n) throw strange(path, 'is not an ordinary file');
      const claim = newClaim();
      await append(descriptor, formatClaim(claim));
      const holder = await firstRunningClaim(descriptor);
      if ((await inodeAt(path)) !== stats.ino) return undefined;
      if (holder !== undefined && formatClaim(holder) === formatClaim(claim))
        return new PartLock(path, stats.ino);
      await append(descriptor, formatWithdrawal(claim));
      throw inUse(holder ?? claim, path, contentName);
    } catch (error) {
      throw diskError(error, 'write', path);
    } finally {
      await closeDescriptor(descriptor);
    }
  }

  async release(): Promise<void> {
    try {
      if ((await inodeAt(this.#path)) === this.#inode) await unlink(this.#path);
    } catch (error) {
      throw diskError(error, 'remove', this.#path);
    }
  }
}

async function openLock(path: string): Promise<number> {
  const { O_RDWR, O_CREAT, O_APPEND } = fs.constants;
  try {
    return await openDescriptor(path, O_RDWR | O_CREAT | O_APPEND | NO_FOLLOW, 0o644);
  } catch (error) {
    throw strangeFile(error, path) ?? diskError(error, 'create', path);
  }
}

async function inodeAt(path: string): Promise<bigint | undefined> {
  try {
    return (await lstat(path, { bigint: true })).ino;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function firstRunningClaim(descriptor: number): Promise<Claim | undefined> {
  const { size } = await statDescriptor(descriptor);
  const bytes = Buffer.alloc(Math.min(Number(size), MAX_LOCK_FILE_BYTES));
  const length = await readAt(descriptor, bytes, 0, bytes.length, 0);
  const lines = bytes.toString('latin1', 0, length).split('\n');
  const withdrawn = new Set(lines.filter((line) => line.startsWith('withdrawn ')));
  const bootId = currentBootId() ?? '-';
  return lines
    .map(parseClaim)
    .filter((claim) => claim !== undefined)
    .find(
      (claim) =>
        claim.bootId === bootId && !withdrawn.has(formatWithdrawal(claim).trim()) && isRunning(claim),
    );
}

function newClaim(): Claim {
  return { bootId: currentBootId() ?? '-', ...thisProcess(), serial: `${threadId}.${claimsMade++}` };
}

/** A line break in front: a kill in the middle of an append must not spoil the claim that follows. */
function formatClaim({ bootId, pid, started, serial }: Claim): string {
  return `\nclaim ${bootId} ${pid} ${started || '-'} ${serial}\n`;
}

function formatWithdrawal(claim: Claim): string {
  return `\nwithdrawn ${formatClaim(claim).trim()}\n`;
}

function parseClaim(line: string): Claim | undefined {
  const [, bootId, pid, started, serial] = /^claim (\S+) ([1-9]\d{0,9}) (\S+) (\S+)$/.exec(line) ?? [];
  if (bootId === undefined || started === undefined || serial === undefined) return undefined;
  return { bootId, pid: Number(pid), started: started === '-' ? '' : started, serial };
}

async function append(descriptor: number, text: string): Promise<void> {
  const bytes = Buffer.from(text, 'latin1');
  // The position is ignored: the descriptor is open for appending.
  await writeAt(descriptor, bytes, 0, bytes.length, 0);
}

function inUse(claim: Claim, lockPath: string, contentName: string): LanshareError {
  const who = claim.pid === process.pid ? 'this process' : `another lanshare (process ${claim.pid})`;
  return new LanshareError(
    'IN_USE',
    `${contentName} is being fetched into this folder by ${who} already`,
    `wait for it, or choose another folder with --out (the lock is ${lockPath})`,
  );
}
