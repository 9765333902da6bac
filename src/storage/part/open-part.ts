import { rmdir } from 'node:fs/promises';
import { diskError, LanshareError } from '../../errors.ts';
import type { OnProgress } from '../../hashing/progress-meter.ts';
import { MAX_OPEN_FILES } from '../../limits.ts';
import type { WantedFiles } from '../../metainfo/choose-files.ts';
import type { Metainfo, PieceIndex } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Logger, silentLogger } from '../../platform/logger.ts';
import { refuseForeignFolder } from '../foreign-folder.ts';
import { isThere } from '../is-there.ts';
import { Layout } from '../layout.ts';
import { currentBootId } from '../machine.ts';
import { checkOutFolder, refuseExisting, refuseUnreplaceable } from '../out-folder.ts';
import { FilePlaces } from './file-places.ts';
import { PartFiles } from './part-files.ts';
import { PartLock } from './part-lock.ts';
import { type PartNames, partNames } from './part-names.ts';
import { openRoot, type PartRoot } from './part-root.ts';
import { PartStore } from './part-store.ts';
import { type FoundRecord, RecordDraft, readRecord, removeIfThere } from './resume-journal.ts';
import { strangeFile } from './strange-file.ts';
import { findVerifiedPieces } from './verified-pieces.ts';

export interface PartOptions {
  readonly metainfo: Metainfo;
  /** Default: all. Of a folder they come under their final names one by one, the others not at all. */
  readonly wanted?: WantedFiles | undefined;
  /**
   * `anew`: begins with nothing, for a content whose pieces cannot be checked. What an earlier run left is thrown away,
   * and what bears the final name is replaced, but not before the new one is whole. Of a single file only.
   */
  readonly begin?: 'resume' | 'anew';
  /** Must exist; trusted, unlike every name below it. */
  readonly outDir: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Stops the check of what an earlier run left: INTERRUPTED. */
  readonly signal?: AbortSignal;
  /** Told while pieces of an earlier run are read again. */
  readonly onReread?: OnProgress;
  readonly maxOpenFiles?: number;
  /** For tests: another boot of the machine, or `undefined` for a system that does not tell. */
  readonly bootId?: () => string | undefined;
}

/**
 * Opens the part of a content in `outDir`, or makes it, and goes on from what an earlier run left there, wanted files
 * under their final names included.
 * Rejects with NO_SUCH_PATH or NOT_PERMITTED for the folder, EXISTS_DIFFERENT where something else bears one of
 * the names that are needed, IN_USE where another fetch writes the same part, DISK_FULL, DISK.
 */
export async function openPart(options: PartOptions): Promise<PartStore> {
  const { metainfo } = options;
  const names = partNames(metainfo, options.outDir);
  await checkOutFolder(names.outDir);
  if (options.begin === 'anew') await refuseUnreplaceable(names.final);
  else if (metainfo.kind === 'file') await refuseExisting(names.final);
  else if (await isThere(names.final)) await refuseForeignFolder(metainfo, names.final);
  const lock = await PartLock.take(names.lock, metainfo.name);
  try {
    return await openLocked(options, names, lock);
  } catch (error) {
    await lock.release().catch(() => {});
    throw error;
  }
}

async function openLocked(options: PartOptions, names: PartNames, lock: PartLock): Promise<PartStore> {
  const { metainfo, wanted } = options;
  if (options.begin === 'anew') await throwAway(metainfo, names);
  const found = await readRecord(names.record, metainfo.pieceCount);
  if (isOfAnother(metainfo, found) && (await isThere(names.part))) throw foreignPart(names);
  const draft = await RecordDraft.create(names.record);
  try {
    const final = await finalFolder(metainfo, names, draft.owner);
    const root = await openRoot(metainfo, names.part, draft.owner);
    const places = new FilePlaces(metainfo, root, final, wanted);
    const layout = new Layout(metainfo);
    const limit = options.maxOpenFiles ?? MAX_OPEN_FILES;
    const files = new PartFiles({ metainfo, layout, root, places }, { limit });
    return await resume({ ...options, names, lock, found, draft, root, places, layout, files }).catch(
      async (error: unknown) => {
        await files.close();
        // Only where nothing is in it: it was made for this run.
        if (root.kind === 'folder') await rmdir(root.path).catch(() => {});
        throw error;
      },
    );
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

interface Opening extends PartOptions {
  readonly names: PartNames;
  readonly lock: PartLock;
  readonly found: FoundRecord;
  readonly draft: RecordDraft;
  readonly root: PartRoot;
  readonly places: FilePlaces;
  readonly layout: Layout;
  readonly files: PartFiles;
}

async function resume(opening: Opening): Promise<PartStore> {
  const { metainfo, names, found, draft, root, files, signal, onReread, logger = silentLogger } = opening;
  const bootId = (opening.bootId ?? currentBootId)();
  const verified = await findVerifiedPieces({ ...opening, bootId, signal, onReread });
  const isProven = [...verified.keys()].some((index) => liesInPart(index, opening));
  if (!isOurs(found) && !root.empty && !isProven) throw foreignPart(names);
  const { infoHash, pieceCount } = metainfo;
  const journal = await draft.publish({ infoHash, pieceCount, bootId, place: root.place }, verified);
  // Only now does a file get its length: without its record it would be taken for somebody else's.
  if (root.kind === 'file') await files.use(0, 'write', async () => {});
  logger.debug({ part: names.part, pieces: verified.size, of: pieceCount }, 'part opened');
  const replaces = opening.begin === 'anew';
  return new PartStore({ ...opening, owner: draft.owner, verified, journal, logger, replaces });
}

/** The folder with the final name, in which an earlier run has placed files. */
async function finalFolder(
  metainfo: Metainfo,
  { final }: PartNames,
  owner: bigint,
): Promise<PartRoot | undefined> {
  return metainfo.kind === 'folder' && (await isThere(final))
    ? await openRoot(metainfo, final, owner)
    : undefined;
}

function liesInPart(index: PieceIndex, { layout, places }: Opening): boolean {
  return layout.onDisk(index).some(({ file }) => !places.isPlaced(file));
}

function isOfAnother(metainfo: Metainfo, found: FoundRecord): boolean {
  if (found.kind === 'absent' || found.record.kind !== 'readable') return false;
  const { infoHash, pieceCount } = found.record.header;
  return infoHash !== metainfo.infoHash || pieceCount !== metainfo.pieceCount;
}

/** What a run for the same content has left. Anything else stays, to be refused. */
async function throwAway(metainfo: Metainfo, { part, record }: PartNames): Promise<void> {
  const found = await readRecord(record, metainfo.pieceCount);
  if (found.kind === 'absent' || found.record.kind !== 'readable') return;
  if (found.record.header.infoHash !== metainfo.infoHash) return;
  try {
    await removeIfThere(part);
    await removeIfThere(record);
  } catch (error) {
    throw strangeFile(error, part) ?? diskError(error, 'remove', part);
  }
}

function isOurs(found: FoundRecord): boolean {
  return found.kind === 'found' && found.record.kind === 'readable';
}

/** Its bytes may be the only copy of something, or half a night's download: never written over. */
function foreignPart(names: PartNames): LanshareError {
  return new LanshareError(
    'EXISTS_DIFFERENT',
    `${names.part} is not a part of this content but of another one with the same name`,
    `choose another folder with --out, or remove ${names.part} and ${names.record}`,
  );
}
