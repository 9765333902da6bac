import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { sha256 } from '../lan/command.ts';
import type { Running } from '../lan/running.mjs';
import { type Project, peersInOrder } from './classroom.mjs';
import { endsWithTest, expectGoodRun, projectOfTest } from './processes.ts';

// Up to five processes start at once, beside those of other tests.
vi.setConfig({ testTimeout: 60_000 });

const FILE_SIZE = 2_000_000;
const LOOK_INTERVAL_MS = 1;

/** `npm run bench -- classroom` has the same with more peers, larger files, longer intervals and twenty times. */
describe('peers of this machine, each a process of lanshare', () => {
  it('three, one has the file', async () => {
    const project = await projectOfTest({ peers: peersInOrder(3), fileSize: FILE_SIZE, m: 2 });
    await expectGoodRun(
      project,
      project.peers.map(({ id }) => project.lanshare(id)),
    );
  });

  it('five in no order, two have the file', async () => {
    const ids = [1003, 1005, 1001, 1004, 1002];
    const peers = ids.map((id) => ({ id, hasFile: id === 1005 || id === 1004 }));
    const project = await projectOfTest({ peers, fileSize: FILE_SIZE, m: 2 });
    await expectGoodRun(
      project,
      project.peers.map(({ id }) => project.lanshare(id)),
    );
  });

  it('one comes when the others are done, and they wait for it', async () => {
    const project = await projectOfTest({ peers: peersInOrder(3), fileSize: FILE_SIZE });
    const others = [project.lanshare(1001), project.lanshare(1003)].map(endsWithTest);
    await others[1]?.event('peer-complete');
    expect(others.map(({ alive }) => alive)).toEqual([true, true]);
    await expectGoodRun(project, [...others, project.lanshare(1002)]);
  });

  it('one is killed half-way and started again', async () => {
    const project = await projectOfTest({ peers: peersInOrder(3), fileSize: 40_000_000, k: 1 });
    const others = [project.lanshare(1001), project.lanshare(1003)].map(endsWithTest);
    const victim = endsWithTest(project.lanshare(1002));
    await downloadsAQuarter(project, 1002, victim);
    await victim.stop('SIGKILL');
    expect(await project.logOf(1002)).not.toContain('the complete file');
    await expectGoodRun(project, [...others, project.lanshare(1002)]);
  });

  it('one is killed and never comes back, so the others end with its name', async () => {
    const project = await projectOfTest({ peers: peersInOrder(3), fileSize: 40_000_000, k: 1 });
    const others = [1001, 1003].map((id) => endsWithTest(project.lanshare(id, '--wait', '1s')));
    const victim = endsWithTest(project.lanshare(1002));
    await downloadsAQuarter(project, 1002, victim);
    await victim.stop('SIGKILL');
    for (const other of others) {
      const { code, stdout } = await other.exit();
      expect(code).toBe(3);
      expect(stdout).toContain('1002');
    }
    expect(await digestOf(project, 1003)).toBe(await digestOf(project, 1001));
  });
});

async function downloadsAQuarter(project: Project, id: number, victim: Running): Promise<void> {
  while (victim.alive) {
    const log = await project.logOf(id).catch(() => '');
    if ((log.match(/has downloaded the piece/g)?.length ?? 0) >= project.pieceCount / 4) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
  throw new Error(`peer ${id} has ended too soon`);
}

async function digestOf(project: Project, id: number): Promise<string> {
  return sha256(await readFile(project.fileOf(id)));
}
