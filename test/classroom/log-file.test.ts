import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListedPeerId } from '../../src/classroom/config/project.ts';
import { type LogFile, openLogFile } from '../../src/classroom/log/log-file.ts';
import { parseLog } from '../../src/classroom/log/parse-log.ts';
import type { LanshareError } from '../../src/errors.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const PEER = 1001 as ListedPeerId;
const OTHER = 1002 as ListedPeerId;
const START = new Date(2026, 10, 21, 10, 15, 3, 123).getTime();

const folders = new TemporaryFolders();
const opened: LogFile[] = [];
afterEach(async () => {
  for (const log of opened.splice(0)) log.close();
  await folders.remove();
});

async function logPath(): Promise<string> {
  return path.join(await folders.make(), 'log_peer_1001.log');
}

function openLog(file: string, clock = new VirtualClock(START)) {
  const faults: LanshareError[] = [];
  const log = openLogFile(file, PEER, clock, (fault) => faults.push(fault));
  opened.push(log);
  return { log, faults, clock };
}

const oneTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('the log file of a peer', () => {
  it('has a line an event, in their order and with their times', async () => {
    const file = await logPath();
    const { log, clock } = openLog(file);
    log.write({ kind: 'makes connection', to: OTHER });
    await clock.advance(7000);
    log.write({ kind: 'unchoked', by: OTHER });
    log.close();
    expect(await readFile(file, 'utf8')).toBe(
      '[2026-11-21 10:15:03.123]: Peer 1001 makes a connection to Peer 1002.\n' +
        '[2026-11-21 10:15:10.123]: Peer 1001 is unchoked by 1002.\n',
    );
  });

  it('has what was written one turn of the event loop ago, so that a killed process leaves it', async () => {
    const file = await logPath();
    const { log } = openLog(file);
    for (let piece = 0; piece < 1000; piece++) log.write({ kind: 'have', from: OTHER, piece });
    await oneTurn();
    const { entries } = parseLog(await readFile(file, 'utf8'));
    expect(entries.map(({ event }) => event.kind === 'have' && event.piece)).toEqual([...Array(1000).keys()]);
  });

  it('is begun anew, whatever an earlier run left', async () => {
    const file = await logPath();
    await writeFile(file, 'an earlier run\n'.repeat(100));
    const { log } = openLog(file);
    log.write({ kind: 'complete' });
    log.close();
    expect(await readFile(file, 'utf8')).toMatch(/^\[.*\]: Peer 1001 has downloaded the complete file\.\n$/);
  });

  it('takes no line after it was closed, and may be closed twice', async () => {
    const file = await logPath();
    const { log, faults } = openLog(file);
    log.close();
    log.write({ kind: 'complete' });
    log.close();
    await oneTurn();
    expect(await readFile(file, 'utf8')).toBe('');
    expect(faults).toEqual([]);
  });

  it('that cannot be opened is an error with its path', async () => {
    const file = await logPath();
    await mkdir(file);
    expect(() => openLog(file)).toThrow(`cannot write ${file}: it is a folder`);
    expect(() => openLog(path.join(file, 'no', 'folder'))).toThrow(/it is not there$/);
  });

  it.runIf(process.platform !== 'win32')(
    'whose place a named pipe takes is an error, not a wait for its reader',
    async () => {
      const file = await logPath();
      execFileSync('mkfifo', [file]);
      expect(() => openLog(file)).toThrow(`cannot write ${file}`);
    },
  );

  it.runIf(process.platform === 'linux')('tells once that its disk is full, and ends', async () => {
    const { log, faults } = openLog('/dev/full');
    log.write({ kind: 'complete' });
    await oneTurn();
    log.write({ kind: 'complete' });
    await oneTurn();
    log.close();
    expect(faults.map(({ code }) => code)).toEqual(['DISK_FULL']);
  });

  it.runIf(process.platform === 'linux')('tells at its end that its disk is full', () => {
    const { log, faults } = openLog('/dev/full');
    log.write({ kind: 'complete' });
    log.close();
    expect(faults.map(({ code }) => code)).toEqual(['DISK_FULL']);
  });
});
