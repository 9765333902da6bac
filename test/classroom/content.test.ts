import { chmod, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommonConfig, listedPeerId } from '../../src/classroom/config/project.ts';
import { openProjectContent } from '../../src/classroom/content/open-project-content.ts';
import type { ErrorCode, LanshareError } from '../../src/errors.ts';
import { allPieces, type PieceIndex, pieceSize } from '../../src/metainfo/metainfo.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { ContentStore } from '../../src/storage/content-store.ts';
import { canBeDenied, withoutPrivileges } from '../support/privileges.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const BYTES = Buffer.from(Array.from({ length: 1_000 }, (_, at) => (at * 31) % 251));
const COMMON: CommonConfig = {
  preferredNeighbors: 3,
  unchokingIntervalSeconds: 5,
  optimisticUnchokingIntervalSeconds: 10,
  fileName: 'thefile',
  fileSize: BYTES.length,
  pieceSize: 300,
};

const folders = new TemporaryFolders();
let directory: string;

beforeEach(async () => {
  directory = await folders.make();
});

afterEach(() => folders.remove());

/** The content of peer 1001 in the project's folder. */
function open(
  hasFile: boolean,
  changes: Partial<CommonConfig> = {},
  folder = directory,
): Promise<ContentStore> {
  const id = listedPeerId(1001);
  if (id === undefined) throw new RangeError('1001 is an ID');
  return openProjectContent({
    project: { common: { ...COMMON, ...changes } },
    peer: { id, hasFile },
    directory: folder,
    clock: new VirtualClock(),
    logger: silentLogger,
  });
}

async function place(name: string, bytes: Buffer = BYTES): Promise<string> {
  const file = path.join(directory, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

/** Reads what a store holds, piece by piece. */
async function read(store: ContentStore): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const index of store.have.held()) {
    const piece = Buffer.alloc(pieceSize(store.metainfo, index));
    await store.read(index, 0, piece);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Writes these pieces of `bytes`; all of them without `pieces`. */
async function write(store: ContentStore, bytes = BYTES, pieces?: readonly number[]): Promise<void> {
  const { pieceCount, pieceLength } = store.metainfo;
  for (const index of pieces ?? allPieces(pieceCount)) {
    const piece = bytes.subarray(index * pieceLength, (index + 1) * pieceLength);
    await store.write(index as PieceIndex, piece, crc32(piece));
  }
}

async function fault(
  opening: Promise<ContentStore>,
): Promise<Pick<LanshareError, 'code' | 'message' | 'hint'>> {
  const error = await opening.then(
    () => undefined,
    (reason: LanshareError) => reason,
  );
  if (error === undefined) throw new Error('it was opened');
  return error;
}

describe('the content of a peer that has the file', () => {
  it('is what lies in its folder', async () => {
    await place('peer_1001/thefile');
    const store = await open(true);
    expect(store.have.complete).toBe(true);
    expect(await read(store)).toEqual(BYTES);
    expect(store.crc32(0 as PieceIndex)).toBeUndefined();
    await store.close();
  });

  it.each([
    ['peer_1001', 'is not there', ['1001/thefile']],
    ['1001', 'is there, too', ['peer_1001/thefile', '1001/thefile']],
  ])('lies in the other folder where %s %s', async (_name, _state, files) => {
    for (const [at, file] of files.entries())
      await place(file, at === 0 ? BYTES : Buffer.alloc(BYTES.length));
    const store = await open(true);
    expect(await read(store)).toEqual(BYTES);
    await store.close();
  });

  it('is nothing where the file is empty', async () => {
    await place('peer_1001/thefile', Buffer.alloc(0));
    const store = await open(true, { fileSize: 0 });
    expect([store.metainfo.pieceCount, store.have.complete]).toEqual([0, true]);
    await store.close();
  });

  it.each<[string, string, ErrorCode, string, Partial<CommonConfig>]>([
    ['is missing', 'peer_1001/another', 'NO_SUCH_PATH', 'and peer_1001/thefile is not there', {}],
    ['has no folder', 'thefile', 'NO_SUCH_PATH', 'and peer_1001/thefile is not there', {}],
    [
      'is too short',
      'peer_1001/thefile',
      'CONTENT_MISMATCH',
      'peer_1001/thefile has 1000 bytes, and Common.cfg says 1001',
      { fileSize: 1_001 },
    ],
    [
      'is too long',
      'peer_1001/thefile',
      'CONTENT_MISMATCH',
      'peer_1001/thefile has 1000 bytes, and Common.cfg says 999',
      { fileSize: 999 },
    ],
    ['is a folder', 'peer_1001/thefile/in', 'CONTENT_MISMATCH', 'peer_1001/thefile is not a file', {}],
  ])('that %s is refused with a sentence', async (_name, file, code, sentence, changes) => {
    await place(file);
    const { code: found, message } = await fault(open(true, changes));
    expect(found).toBe(code);
    expect(message.replaceAll(`${directory}${path.sep}`, '')).toContain(sentence);
  });

  it.runIf(canBeDenied)('that may not be read is refused with a sentence', async () => {
    await chmod(await place('peer_1001/thefile'), 0o000);
    await withoutPrivileges(directory, async () => {
      expect(await fault(open(true))).toMatchObject({ code: 'NOT_PERMITTED' });
    });
  });

  it('that is changed is not served any more', async () => {
    const file = await place('peer_1001/thefile');
    const store = await open(true);
    await writeFile(file, BYTES.subarray(0, 500));
    await expect(read(store)).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
    await store.close();
  });
});

describe('the content of a peer that begins with nothing', () => {
  it('becomes a file of the right name when it is whole, and nothing else stays', async () => {
    const store = await open(false);
    expect(store.have.count).toBe(0);
    await write(store, BYTES, [3, 0, 2]);
    expect(await readdir(path.join(directory, 'peer_1001'))).not.toContain('thefile');
    await write(store, BYTES, [1]);
    const file = await store.finish();
    expect(file).toBe(path.join(directory, 'peer_1001', 'thefile'));
    expect(await readFile(file)).toEqual(BYTES);
    expect(await read(store)).toEqual(BYTES);
    expect(store.crc32(0 as PieceIndex)).toBeUndefined();
    await store.close();
    expect(await readdir(path.join(directory, 'peer_1001'))).toEqual(['thefile']);
  });

  it('comes into 1001 where only that is there', async () => {
    await mkdir(path.join(directory, '1001'));
    const store = await open(false);
    await write(store);
    expect(await store.finish()).toBe(path.join(directory, '1001', 'thefile'));
    await store.close();
  });

  it('is right whatever the sizes, and in whatever order the pieces come', async () => {
    const sizes = fc.record({
      fileSize: fc.integer({ min: 0, max: 400 }),
      pieceSize: fc.integer({ min: 1, max: 450 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, fc.infiniteStream(fc.nat()), async ({ fileSize, pieceSize: length }, ranks) => {
        const folder = await folders.make();
        const store = await open(false, { fileSize, pieceSize: length }, folder);
        const order = [...allPieces(store.metainfo.pieceCount)]
          .map((index) => ({ index, rank: ranks.next().value ?? 0 }))
          .sort((one, other) => one.rank - other.rank);
        await write(
          store,
          BYTES.subarray(0, fileSize),
          order.map(({ index }) => index),
        );
        const file = await store.finish();
        await store.close();
        expect(await readFile(file)).toEqual(BYTES.subarray(0, fileSize));
      }),
      { numRuns: 25 },
    );
  });

  it('replaces what an earlier run has fetched, but not before it is whole', async () => {
    const file = await place('peer_1001/thefile', Buffer.from('of an earlier run'));
    const store = await open(false);
    expect(store.have.count).toBe(0);
    await write(store);
    expect((await readFile(file)).toString()).toBe('of an earlier run');
    await store.finish();
    expect(await readFile(file)).toEqual(BYTES);
    await store.close();
  });

  it('leaves what an earlier run has fetched where it does not become whole', async () => {
    const file = await place('peer_1001/thefile', Buffer.from('of an earlier run'));
    const store = await open(false);
    await write(store, BYTES, [0]);
    await store.close();
    expect((await readFile(file)).toString()).toBe('of an earlier run');
  });

  it('takes the place of a link, and leaves alone what that leads to', async () => {
    const elsewhere = await place('elsewhere', Buffer.from('precious'));
    await mkdir(path.join(directory, 'peer_1001'));
    await symlink(elsewhere, path.join(directory, 'peer_1001', 'thefile'));
    const store = await open(false);
    await write(store);
    await store.finish();
    await store.close();
    expect((await readFile(elsewhere)).toString()).toBe('precious');
    await expect(readlink(path.join(directory, 'peer_1001', 'thefile'))).rejects.toMatchObject({
      code: 'EINVAL',
    });
  });

  it('begins with nothing again after a run that did not end, with the same pieces or others', async () => {
    for (const pieceLength of [300, 300, 7, 1_000]) {
      const store = await open(false, { pieceSize: pieceLength });
      expect(store.have.count).toBe(0);
      await write(store, Buffer.alloc(BYTES.length, 'x'), [0]);
      await store.close();
    }
    const store = await open(false);
    await write(store);
    expect(await readFile(await store.finish())).toEqual(BYTES);
    await store.close();
  });

  it('is refused while the same peer runs', async () => {
    const store = await open(false);
    const { code, message, hint } = await fault(open(false));
    expect([code, hint]).toEqual(['IN_USE', 'stop it first']);
    expect(message).toContain('peer 1001 runs already');
    await write(store);
    await store.finish();
    await store.close();
  });

  it.each([
    ['a folder of its name', 'peer_1001/thefile/in'],
    ['a part that nobody here has written', 'peer_1001/thefile.lanshare-part'],
  ])('is refused where %s is in the way, which stays', async (_name, name) => {
    const file = await place(name, Buffer.from('precious'));
    const { code, hint } = await fault(open(false));
    expect(code).toBe('EXISTS_DIFFERENT');
    expect(hint).not.toContain('--out');
    expect((await readFile(file)).toString()).toBe('precious');
  });

  it('is refused where its folder cannot be made', async () => {
    await place('peer_1001', Buffer.from('a file'));
    expect((await fault(open(false))).message).toContain('peer_1001');
  });
});
