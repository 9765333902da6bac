import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRun } from '../../src/classroom/check/read-run.ts';
import { rulesBroken } from '../../src/classroom/check/report.ts';
import { commonConfigText, peerInfoText } from '../../src/classroom/config/config-text.ts';
import { simulatedRun } from './simulated-run.ts';

const { project, logs } = simulatedRun({ seed: 3, peers: 3, seeders: 1, pieces: 80 });
const CONTENT = Buffer.alloc(project.common.fileSize, 'lanshare');
const { signal } = new AbortController();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lanshare-check-'));
  await writeFile(path.join(folder, 'Common.cfg'), commonConfigText(project.common));
  await writeFile(path.join(folder, 'PeerInfo.cfg'), peerInfoText(project.peers));
});

afterEach(() => rm(folder, { recursive: true }));

async function writeLogs(end = '\n', below = (_id: number): string => ''): Promise<void> {
  for (const [id, lines] of logs) {
    await mkdir(path.join(folder, below(id)), { recursive: true });
    await writeFile(
      path.join(folder, below(id), `log_peer_${id}.log`),
      lines.map((line) => line + end).join(''),
    );
  }
}

async function writeFileOf(id: number, content: Uint8Array): Promise<void> {
  await mkdir(path.join(folder, `peer_${id}`), { recursive: true });
  await writeFile(path.join(folder, `peer_${id}`, project.common.fileName), content);
}

async function filesVerdict(): Promise<unknown> {
  const { verdict } = await readRun(folder, signal);
  return verdict.rules.find(({ rule }) => rule === 'files-identical')?.outcome;
}

describe('a finished run on disk', () => {
  for (const [name, end] of [
    ['Unix', '\n'],
    ['Windows', '\r\n'],
    ['old Mac', '\r'],
  ] as const) {
    it(`is read with the line ends of ${name}`, async () => {
      await writeLogs(end);
      const { verdict } = await readRun(folder, signal);
      expect(rulesBroken(verdict)).toBeUndefined();
      expect(verdict.peers.map(({ lines }) => lines)).toEqual([...logs.values()].map(({ length }) => length));
    });
  }

  it('has its logs in the folders of the peers', async () => {
    await writeLogs('\n', (id) => `peer_${id}`);
    expect(rulesBroken((await readRun(folder, signal)).verdict)).toBeUndefined();
  });

  it('is read in pieces of a line', async () => {
    const line = "[10:00:00]: Peer 1002 received the 'have' message from 1003 for the piece 7.\r\n";
    const count = 20_000;
    await writeFile(path.join(folder, 'log_peer_1002.log'), line.repeat(count));
    const { verdict } = await readRun(folder, signal);
    expect(verdict.peers[1]?.lines).toBe(count);
    expect(verdict.rules.find(({ rule }) => rule === 'prescribed-sentences')?.outcome.kind).toBe('kept');
  });

  it('has no logs, and a sentence says so', async () => {
    await expect(readRun(folder, signal)).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
  });

  it('breaks rules, which ends with their names', async () => {
    await writeLogs();
    await rm(path.join(folder, 'log_peer_1002.log'));
    const fault = rulesBroken((await readRun(folder, signal)).verdict);
    expect(fault).toMatchObject({ code: 'RULES_BROKEN', exitCode: 7 });
    expect(fault?.message).toContain('every-peer-has-a-log');
  });

  it('is left when the signal says so', async () => {
    await writeLogs();
    await expect(readRun(folder, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('the files of a finished run', () => {
  beforeEach(() => writeLogs());

  it('are not judged where no seeder is here', async () => {
    await writeFileOf(1002, CONTENT);
    expect(await filesVerdict()).toMatchObject({ kind: 'unknown' });
  });

  it('are identical, where the folder of one is elsewhere', async () => {
    await writeFileOf(1001, CONTENT);
    await writeFileOf(1003, CONTENT);
    expect(await filesVerdict()).toEqual({ kind: 'kept' });
  });

  it('differ in a byte', async () => {
    const other = Buffer.from(CONTENT);
    other[4_321] = 0;
    await writeFileOf(1001, CONTENT);
    await writeFileOf(1002, other);
    await writeFileOf(1003, CONTENT);
    expect(await filesVerdict()).toMatchObject({
      breaches: [{ place: { peer: 1002 }, text: expect.stringContaining('byte 4321') }],
    });
  });

  it('are missing, or of another length', async () => {
    await writeFileOf(1001, CONTENT);
    await writeFileOf(1002, CONTENT.subarray(1));
    await mkdir(path.join(folder, 'peer_1003'));
    expect(await filesVerdict()).toMatchObject({
      breaches: [
        { place: { peer: 1002 }, text: expect.stringContaining('7999 bytes') },
        { place: { peer: 1003 }, text: expect.stringContaining('no such file') },
      ],
    });
  });
});
