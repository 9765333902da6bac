import { link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProjectWishes, planProject } from '../../src/classroom/config/plan-project.ts';
import { projectOf } from '../../src/classroom/config/project-of.ts';
import { readProject } from '../../src/classroom/config/read-project.ts';
import { type NewProject, writeProject } from '../../src/classroom/config/write-project.ts';
import { MAX_CONFIG_BYTES, MAX_LISTED_PEERS } from '../../src/limits.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';

const folders = new TemporaryFolders();
afterEach(() => folders.remove());

const CONTENT = Buffer.alloc(100_000, 'lanshare');
const WISHES: ProjectWishes = {
  peers: 5,
  seeders: 1,
  pieceSize: 16_384,
  preferredNeighbors: undefined,
  unchokingIntervalSeconds: 5,
  optimisticUnchokingIntervalSeconds: 10,
  host: 'localhost',
};

/** What was wanted of a project below a folder of its own, with the file beside it. */
async function wanted(wishes: Partial<NewProject> = {}): Promise<NewProject> {
  const home = await folders.make();
  const file = path.join(home, 'thefile');
  await writeFile(file, CONTENT);
  return { ...WISHES, directory: path.join(home, 'project'), file, ...wishes };
}

const anyPort = () => Promise.resolve(true);
const never = new AbortController().signal;
const init = (project: NewProject, isFree = anyPort) => writeProject(project, isFree, never);

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true }).catch(() => [])).sort();
}

describe('peer init', () => {
  it('writes both files and a folder a peer, with the file in that of the seeder', async () => {
    const project = await wanted();
    const made = await init(project);
    expect(await namesIn(project.directory)).toEqual([
      'Common.cfg',
      'PeerInfo.cfg',
      'peer_1001',
      'peer_1001/thefile',
      'peer_1002',
      'peer_1003',
      'peer_1004',
      'peer_1005',
    ]);
    expect(await readFile(path.join(project.directory, 'Common.cfg'), 'utf8')).toBe(
      'NumberOfPreferredNeighbors 3\nUnchokingInterval 5\nOptimisticUnchokingInterval 10\n' +
        'FileName thefile\nFileSize 100000\nPieceSize 16384\n',
    );
    expect(await readFile(path.join(project.directory, 'PeerInfo.cfg'), 'utf8')).toBe(
      '1001 localhost 6001 1\n1002 localhost 6002 0\n1003 localhost 6003 0\n' +
        '1004 localhost 6004 0\n1005 localhost 6005 0\n',
    );
    expect(await readProject(project.directory)).toEqual({ project: made, notes: [] });
  });

  it('gives the seeders copies: what a peer does to its file leaves the one that was given as it is', async () => {
    const project = await wanted({ seeders: 2 });
    await init(project);
    for (const id of [1001, 1002]) {
      const copy = path.join(project.directory, `peer_${id}`, 'thefile');
      expect(await readFile(copy)).toEqual(CONTENT);
      await writeFile(copy, 'broken');
    }
    expect(await readFile(project.file)).toEqual(CONTENT);
  });

  it('leaves out ports that are taken', async () => {
    const taken = new Set([6001, 6003]);
    const { peers } = await init(await wanted(), (port = 0) => Promise.resolve(!taken.has(port)));
    expect(peers.map(({ port }) => port)).toEqual([6002, 6004, 6005, 6006, 6007]);
  });

  it('says so when there are not enough ports', async () => {
    const project = await wanted();
    await expect(init(project, (port = 0) => Promise.resolve(port > 65_533))).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: 'only 2 ports are free, and 5 peers need one each',
    });
    expect(await namesIn(project.directory)).toEqual([]);
  });

  it.each(['Common.cfg', 'PeerInfo.cfg'])(
    'leaves a %s that is there as it is, and writes nothing',
    async (name) => {
      const project = await wanted();
      await mkdir(project.directory);
      await writeFile(path.join(project.directory, name), 'mine');
      const looksForPorts = () => Promise.reject(new Error('it went on'));
      await expect(init(project, looksForPorts)).rejects.toMatchObject({
        code: 'EXISTS_DIFFERENT',
        message: `${path.join(project.directory, name)} is there already`,
      });
      expect(await namesIn(project.directory)).toEqual([name]);
      expect(await readFile(path.join(project.directory, name), 'utf8')).toBe('mine');
    },
  );

  it('leaves a file of a peer that is there as it is, and takes away what it had written', async () => {
    const project = await wanted({ seeders: 3 });
    const theirs = path.join(project.directory, 'peer_1002');
    await mkdir(theirs, { recursive: true });
    await writeFile(path.join(theirs, 'thefile'), 'mine');
    await expect(init(project)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
    expect(await namesIn(project.directory)).toEqual(['peer_1002', 'peer_1002/thefile']);
    expect(await readFile(path.join(theirs, 'thefile'), 'utf8')).toBe('mine');
  });

  it.each([
    ['itself', async () => {}],
    ['as a hard link', (from: string, to: string) => link(from, to)],
    ['as a symbolic link', (from: string, to: string) => symlink(from, to)],
  ])('takes the file where it is in the folder of the seeder already: %s', async (how, put) => {
    const project = await wanted();
    const there = path.join(project.directory, 'peer_1001', 'thefile');
    await mkdir(path.dirname(there), { recursive: true });
    if (how === 'itself') await writeFile(there, CONTENT);
    else await put(project.file, there);
    await init({ ...project, file: how === 'itself' ? there : project.file });
    expect(await readFile(there)).toEqual(CONTENT);
    expect((await readProject(project.directory)).project.common.fileSize).toBe(CONTENT.length);
  });

  it('ends when its signal aborts, and takes away what it had written', async () => {
    const project = await wanted({ peers: 100, seeders: 100 });
    const controller = new AbortController();
    const running = writeProject(project, anyPort, controller.signal);
    const copied = path.join(project.directory, 'peer_1002', 'thefile');
    while ((await stat(copied).catch(() => undefined)) === undefined) await new Promise(setImmediate);
    controller.abort(new Error('stop'));
    await expect(running).rejects.toThrow('stop');
    expect(await namesIn(project.directory)).toEqual([]);
  });

  it.each([
    [
      'no file',
      { file: '/nowhere/thefile' },
      'NO_SUCH_PATH',
      'cannot read /nowhere/thefile: it is not there',
    ],
    ['a folder', { file: '/' }, 'USAGE', '/ is not a file'],
    ['no peer', { peers: 0 }, 'USAGE', 'a project cannot have 0 peers'],
    ['too many', { peers: MAX_LISTED_PEERS + 1 }, 'USAGE', 'a project cannot have 201 peers'],
    ['no seeder', { seeders: 0 }, 'USAGE', '0 of 5 peers cannot have the file at the start'],
    ['more seeders than peers', { seeders: 6 }, 'USAGE', '6 of 5 peers cannot have the file at the start'],
    [
      'an odd host',
      { host: 'a b' },
      'BAD_CONFIG',
      'PeerInfo.cfg line 1: a line has 4 columns, this one has 5',
    ],
    ['an odd piece size', { pieceSize: 0 }, 'BAD_CONFIG', 'Common.cfg line 6: PieceSize is 0, less than 1'],
  ])('cannot be done with %s', async (_, wishes, code, message) => {
    const project = await wanted(wishes);
    await expect(init(project)).rejects.toMatchObject({ code, message });
    expect(await namesIn(project.directory)).toEqual([]);
  });

  it('cannot be done with an empty file', async () => {
    const project = await wanted();
    await writeFile(project.file, '');
    await expect(init(project)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/ is empty: /),
    });
  });
});

describe('a planned project', () => {
  const ports = Array.from({ length: MAX_LISTED_PEERS }, (_, at) => 6001 + at);
  const plan = (wishes: Partial<ProjectWishes>, name = 'thefile') =>
    planProject({ ...WISHES, ...wishes }, { name, size: 1000 }, ports);

  it.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 3],
    [50, 3],
  ])('of %i peers leaves one of the others for the optimistic unchoke: %i preferred', (peers, preferred) => {
    expect(plan({ peers }).project.common.preferredNeighbors).toBe(preferred);
    expect(plan({ peers, preferredNeighbors: 7 }).project.common.preferredNeighbors).toBe(7);
  });

  it.each([
    ' thefile',
    'thefile ',
    'the #1 file',
    'the // file',
    '=thefile',
    ': thefile',
    'the\nfile',
    '#',
    'the\rfile',
  ])('never has a file that other programs would read as another one: "%s"', (name) => {
    expect(() => plan({}, name)).toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/^UNSAFE_NAME$|^BAD_CONFIG$/) }),
    );
  });

  it('is what its own files say, or there is none', () => {
    const wishes = fc.record({
      peers: fc.integer({ min: 1, max: MAX_LISTED_PEERS }),
      pieceSize: fc.integer({ min: 1, max: 100_000_000 }),
      preferredNeighbors: fc.option(fc.integer({ min: -1, max: 300 }), { nil: undefined }),
      unchokingIntervalSeconds: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constant(2.5)),
      host: fc.oneof(fc.string(), fc.constantFrom('localhost', '::1')),
    });
    const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a b', 'ä', 'a#b', 'a //b'));
    fc.assert(
      fc.property(wishes, name, fc.nat(), (wishes, name, seed) => {
        const seeders = 1 + (seed % wishes.peers);
        const file = { name, size: 1 + seed };
        const planned = (() => {
          try {
            return planProject({ ...WISHES, ...wishes, seeders }, file, ports);
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^UNSAFE_NAME$|^BAD_CONFIG$/) });
            return undefined;
          }
        })();
        if (planned === undefined) return;
        const { project, notes } = projectOf(planned.commonText, planned.peerInfoText);
        expect(project).toEqual(planned.project);
        expect(notes).toEqual([]);
        expect(project.common).toMatchObject({
          fileName: name,
          fileSize: file.size,
          pieceSize: wishes.pieceSize,
        });
        expect(project.peers).toHaveLength(wishes.peers);
        expect(project.peers.filter(({ hasFile }) => hasFile)).toHaveLength(seeders);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the folder of a project', () => {
  it.each(['Common.cfg', 'PeerInfo.cfg'])('needs a %s', async (name) => {
    const project = await wanted();
    await init(project);
    await rm(path.join(project.directory, name));
    await expect(readProject(project.directory)).rejects.toMatchObject({
      code: 'NO_SUCH_PATH',
      message: `there is no ${name} in ${project.directory}`,
      hint: expect.stringContaining('lanshare peer init'),
    });
  });

  it('needs files, not folders with their names', async () => {
    const folder = await folders.make();
    await mkdir(path.join(folder, 'Common.cfg'));
    await expect(readProject(folder)).rejects.toMatchObject({ message: 'Common.cfg: it is not a file' });
  });

  it('needs files of a sensible size', async () => {
    const folder = await folders.make();
    await writeFile(path.join(folder, 'Common.cfg'), Buffer.alloc(MAX_CONFIG_BYTES + 1, ' '));
    await expect(readProject(folder)).rejects.toMatchObject({
      message: 'Common.cfg: it is larger than 1048576 bytes',
    });
  });

  it('may have been saved as UTF-16', async () => {
    const project = await wanted();
    const made = await init(project);
    for (const name of ['Common.cfg', 'PeerInfo.cfg']) {
      const file = path.join(project.directory, name);
      await writeFile(file, `\ufeff${await readFile(file, 'utf8')}`.replaceAll('\n', '\r\n'), 'utf16le');
    }
    expect((await readProject(project.directory)).project).toEqual(made);
  });
});
