import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/classroom/config/project.ts';
import type { ClassroomEvent, RunResult } from '../../src/classroom/run/classroom-peer-api.ts';
import { runClassroomPeer } from '../../src/classroom/run/run-classroom-peer.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Listener } from '../../src/platform/network.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { tcpNetwork } from '../../src/platform/tcp-network.ts';
import { listed } from '../support/classroom-swarm.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';

const folders = new TemporaryFolders();
afterEach(() => folders.remove());

interface Place {
  readonly directory: string;
  readonly project: Project;
  readonly content: Buffer;
}

/** A project on this machine, at ports that are free now; the first peer has the file. */
async function placed(peers: number): Promise<Place> {
  const directory = await folders.make();
  const content = randomBytes(100_001);
  const held = await Promise.all(Array.from({ length: peers }, () => tcpNetwork.listen(0, () => {})));
  const project: Project = {
    common: {
      preferredNeighbors: 2,
      unchokingIntervalSeconds: 1,
      optimisticUnchokingIntervalSeconds: 1,
      fileName: 'thefile',
      fileSize: content.length,
      pieceSize: 4_096,
    },
    peers: held.map(({ port }, place) => ({
      id: listed(1001 + place),
      host: 'localhost',
      port,
      hasFile: place === 0,
    })),
  };
  await Promise.all(held.map((listener: Listener) => listener.close()));
  await mkdir(path.join(directory, 'peer_1001'));
  await writeFile(path.join(directory, 'peer_1001', 'thefile'), content);
  return { directory, project, content };
}

interface RunSettings {
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ClassroomEvent) => void;
}

function run({ directory, project }: Place, id: number, settings: RunSettings = {}): Promise<RunResult> {
  const { waitMs = 20_000, signal = new AbortController().signal, onEvent = () => {} } = settings;
  return runClassroomPeer({
    project,
    id: listed(id),
    directory,
    waitMs,
    network: tcpNetwork,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    signal,
    onEvent,
  });
}

function logOf({ directory }: Place, id: number): Promise<string> {
  return readFile(path.join(directory, `log_peer_${id}.log`), 'utf8');
}

describe('a peer with its files', () => {
  it('three of them end with the same file in each folder, and a log each', async () => {
    const place = await placed(3);
    const events: ClassroomEvent[] = [];
    const onEvent = (event: ClassroomEvent): void => void events.push(event);
    const results = await Promise.all([run(place, 1001), run(place, 1002), run(place, 1003, { onEvent })]);
    expect(results).toEqual(Array(3).fill({ kind: 'all complete' }));
    for (const id of [1002, 1003])
      expect(await readFile(path.join(place.directory, `peer_${id}`, 'thefile'))).toEqual(place.content);
    const lines = (await logOf(place, 1003)).trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('makes a connection to'))).toHaveLength(2);
    expect(lines.filter((line) => line.includes('has downloaded the piece'))).toHaveLength(25);
    expect(lines.filter((line) => line.endsWith('Peer 1003 has downloaded the complete file.'))).toHaveLength(
      1,
    );
    expect(await logOf(place, 1001)).not.toContain('complete file');
    expect(events[0]).toMatchObject({ event: 'listening', port: place.project.peers[2]?.port });
    expect(events).toContainEqual({
      event: 'peer-complete',
      path: path.join(place.directory, 'peer_1003', 'thefile'),
    });
    const progress = events.flatMap((event) => (event.event === 'peer-progress' ? [event] : []));
    expect(progress.at(-1)).toMatchObject({ piecesDone: 25, piecesTotal: 25, bytesDone: 100_001 });
  });

  it('a second process for the same peer is told whose port it is, and touches neither file nor log', async () => {
    const place = await placed(2);
    const ending = new AbortController();
    const first = run(place, 1001, { signal: ending.signal });
    const log = path.join(place.directory, 'log_peer_1001.log');
    await expect.poll(() => readFile(log, 'utf8').catch(() => undefined)).toBe('');
    await writeFile(log, 'a line\n');
    await expect(run(place, 1001)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining('which PeerInfo.cfg gives to peer 1001, is in use'),
    });
    expect(await logOf(place, 1001)).toBe('a line\n');
    ending.abort();
    await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('an aborted run leaves the port free and a log that is begun anew the next time', async () => {
    const place = await placed(2);
    const ending = new AbortController();
    const peer = run(place, 1002, { signal: ending.signal });
    const log = path.join(place.directory, 'log_peer_1002.log');
    await expect.poll(() => readFile(log, 'utf8').catch(() => undefined)).toBe('');
    ending.abort();
    await expect(peer).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await writeFile(log, 'of an earlier run\n');
    expect(await Promise.all([run(place, 1001), run(place, 1002)])).toEqual(
      Array(2).fill({ kind: 'all complete' }),
    );
    expect(await logOf(place, 1002)).not.toContain('of an earlier run');
  });

  it('a peer that should have the file and does not ends with a sentence, and its port is free', async () => {
    const place = await placed(2);
    const others = { ...place, directory: await folders.make() };
    await expect(run(others, 1001)).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
    await expect(run(others, 1001)).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
  });

  it('an unknown host is told once, and the run goes on until the wait is over', async () => {
    const place = await placed(2);
    const [first, second] = place.project.peers;
    if (first === undefined || second === undefined) throw new Error('two peers are listed');
    const project = { ...place.project, peers: [{ ...first, host: 'nobody.invalid' }, second] };
    const notes: string[] = [];
    const result = await run({ ...place, project }, 1002, {
      waitMs: 1_000,
      onEvent: (event) => void (event.event === 'peer-note' && notes.push(event.text)),
    });
    expect(result.kind).toBe('given up');
    expect(notes).toEqual([expect.stringMatching(/^peer 1001 at nobody.invalid: .*name/)]);
  });

  it('an ID that is not listed is refused with those that are', async () => {
    const place = await placed(2);
    await expect(run(place, 1009)).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      hint: expect.stringContaining('1001'),
    });
  });
});
