import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Project, type ProjectOptions, peersInOrder } from './classroom.mjs';
import { endsWithTest, expectGoodRun, projectOfTest } from './processes.ts';

// Up to five processes start at once, beside those of other tests.
vi.setConfig({ testTimeout: 60_000 });

/** A last piece that is short. */
const FILE_SIZE = 200_000;

describe('lanshare and a strict peer', () => {
  it('serves, listed first', async () => {
    const project = await makeClassroom({ peers: peersInOrder(2, [1001]) });
    await expectGoodRun(project, [project.lanshare(1001), project.strictPeer(1002)]);
  });

  it('serves, listed second', async () => {
    const project = await makeClassroom({ peers: peersInOrder(2, [1002]) });
    await expectGoodRun(project, [project.strictPeer(1001), project.lanshare(1002)]);
  });

  it('fetches, listed first', async () => {
    const project = await makeClassroom({ peers: peersInOrder(2, [1002]) });
    await expectGoodRun(project, [project.lanshare(1001), project.strictPeer(1002)]);
  });

  it('fetches, listed second', async () => {
    const project = await makeClassroom({ peers: peersInOrder(2, [1001]) });
    await expectGoodRun(project, [project.strictPeer(1001), project.lanshare(1002)]);
  });

  it('the file is a single piece that is not full', async () => {
    const project = await makeClassroom({ peers: peersInOrder(2), fileSize: 1000 });
    await expectGoodRun(project, [project.strictPeer(1001), project.lanshare(1002)]);
  });

  it('both have the file already', async () => {
    const project = await makeClassroom({ peers: peersInOrder(2, [1001, 1002]) });
    await expectGoodRun(project, [project.strictPeer(1001), project.lanshare(1002)]);
  });
});

describe('mixed swarms', () => {
  it('taking turns in the list, one has the file', async () => {
    const project = await makeClassroom({ peers: peersInOrder(5), k: 2 });
    await expectGoodRun(project, [
      project.lanshare(1001),
      project.strictPeer(1002),
      project.lanshare(1003),
      project.strictPeer(1004),
      project.lanshare(1005),
    ]);
  });

  it('a seeder of each kind, listed in no order', async () => {
    const ids = [1004, 1001, 1005, 1003, 1002];
    const peers = ids.map((id) => ({ id, hasFile: id === 1003 || id === 1005 }));
    const project = await makeClassroom({ peers, k: 1 });
    await expectGoodRun(project, [
      project.lanshare(1004),
      project.strictPeer(1001),
      project.lanshare(1005),
      project.strictPeer(1003),
      project.lanshare(1002),
    ]);
  });

  it('the earlier peers come later', async () => {
    const project = await makeClassroom({ peers: peersInOrder(3) });
    const later = [project.lanshare(1003), project.strictPeer(1002)];
    await later[0]?.event('peer-listening');
    await expectGoodRun(project, [...later, project.lanshare(1001)]);
  });
});

/** What real programs do, as flags of the strict peer. */
const HABITS = [
  { habit: 'sends a bitfield of zeros', flags: ['--empty-bitfield'] },
  { habit: 'says again and again that it is interested', flags: ['--repeat-interested'] },
  { habit: 'unchokes twice', flags: ['--unchoke-twice'] },
  { habit: 'says nothing until the other side does', flags: ['--speak-second'] },
  { habit: 'loses the request after its unchoke', flags: ['--early-unchoke'] },
  { habit: 'sends its handshake byte by byte', flags: ['--slow-handshake'] },
  { habit: 'sends each message in several parts', flags: ['--split'] },
  { habit: 'closes with a reset', flags: ['--reset'] },
  { habit: 'fills the handshake with the digit 0', flags: ['--zeros', '0'] },
  { habit: 'polls', flags: ['--request-every-ms', '40'] },
  // What they tell in their logs are no choices of preferred neighbours any more: the logs are not checked.
  { habit: 'chokes instead of answering', flags: ['--choke-on-request', '4'], check: false },
  {
    habit: 'chokes and answers nevertheless',
    flags: ['--choke-on-request', '4', '--piece-after-choke'],
    check: false,
  },
];

describe.each(HABITS)('a strict peer that $habit', ({ flags, check }) => {
  it('is served, and is fetched from', async () => {
    const served = await makeClassroom({ peers: peersInOrder(2) });
    const fetchedFrom = await makeClassroom({ peers: peersInOrder(2) });
    await Promise.all([
      expectGoodRun(served, [served.lanshare(1001), served.strictPeer(1002, ...flags)], { check }),
      expectGoodRun(fetchedFrom, [fetchedFrom.strictPeer(1001, ...flags), fetchedFrom.lanshare(1002)], {
        check,
      }),
    ]);
  });
});

describe('strict peers with habits, and lanshare between them', () => {
  it('they begin only when everybody is connected', async () => {
    const project = await makeClassroom({ peers: peersInOrder(3) });
    const first = [project.strictPeer(1001, '--wait-for-all'), project.lanshare(1002)];
    await first[1]?.event('peer-connected');
    await expectGoodRun(project, [...first, project.strictPeer(1003, '--wait-for-all')]);
  });

  it('one never unchokes, so the file comes from the other', async () => {
    const project = await makeClassroom({ peers: peersInOrder(3, [1001, 1002]) });
    await expectGoodRun(project, [
      project.strictPeer(1001, '--never-unchoke'),
      project.strictPeer(1002),
      project.lanshare(1003),
    ]);
    expect(await project.logOf(1003)).not.toContain('from 1001. Now');
  });

  it('they keep their data in folders that are the bare ID', async () => {
    const project = await makeClassroom({ peers: peersInOrder(3) });
    await Promise.all([1002, 1003].map((id) => mkdir(join(project.directory, `${id}`))));
    const running = [
      project.strictPeer(1001),
      project.lanshare(1002),
      project.strictPeer(1003, '--plain-folder'),
    ];
    await expectGoodRun(project, running, { folderOf: (id) => `${id}` });
  });

  it('one that does not tell those who have a piece that it has it, too, is named at the end', async () => {
    const project = await makeClassroom({ peers: peersInOrder(2) });
    const lanshare = endsWithTest(project.lanshare(1001, '--wait', '1s'));
    const strict = endsWithTest(project.strictPeer(1002, '--spare-haves'));
    expect((await strict.exit()).code).toBe(0);
    const end = await lanshare.exit();
    expect(end.code).toBe(3);
    expect(end.stdout).toContain('1002');
    await project.expectIdenticalFiles();
  });
});

function makeClassroom(options: Omit<ProjectOptions, 'fileSize'> & { fileSize?: number }): Promise<Project> {
  return projectOfTest({ fileSize: FILE_SIZE, ...options });
}
