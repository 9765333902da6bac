import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeProject, peersInOrder } from '../classroom/classroom.mjs';
import { lanshare, temporaryFolder } from '../lan/command.ts';
import { type CommandEvent, run, start } from '../lan/running.mjs';

const RUN_TIMEOUT_MS = 20_000;

function named(events: readonly CommandEvent[], name: string): readonly CommandEvent[] {
  return events.filter(({ event }) => event === name);
}

/** A peer that runs on keeps its port, and the test is out of time. */
async function untilFree(port: number): Promise<void> {
  while (!(await isFree(port))) await sleep(20);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

describe('lanshare peer, with real processes', () => {
  it('init, --all and check: everybody has the file, and the logs obey the rules', async () => {
    const cwd = await temporaryFolder();
    const content = Buffer.from(Array.from({ length: 600_000 }, (_, at) => (at * at) >> 3));
    await writeFile(join(cwd, 'thefile'), content);
    const words = ['--peers', '3', '--unchoking-interval', '1', '--optimistic-interval', '2'];
    const written = await run(lanshare('peer', 'init', '--file', 'thefile', ...words), { cwd });
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(written.stderr).toMatch(/^wrote Common\.cfg and PeerInfo\.cfg: 3 peers, thefile of 600 kB/);

    const all = start(lanshare('peer', '--all', '--json'), { cwd });
    expect(await all.exit(RUN_TIMEOUT_MS)).toMatchObject({ code: 0, stderr: '' });
    expect(named(all.events(), 'peers-ended')).toEqual([
      expect.objectContaining({ complete: [1001, 1002, 1003], incomplete: [], bytes: 1_200_000 }),
    ]);
    expect(named(all.events(), 'peer-exited').map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    for (const id of [1002, 1003])
      expect((await readFile(join(cwd, `peer_${id}`, 'thefile'))).equals(content)).toBe(true);

    const checked = await run(lanshare('peer', 'check'), { cwd });
    expect(checked.stdout).toMatch(/\n\d+ kept, 0 broken/);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
  });

  it('check finds what is wrong in a log, says where, and exits with 7', async () => {
    const project = await makeProject(await temporaryFolder(), {
      peers: peersInOrder(2),
      fileSize: 100_000,
    });
    const { directory: cwd } = project;
    expect(await run(lanshare('peer', '--all', '-q'), { cwd })).toMatchObject({ code: 0, stderr: '' });
    const path = join(cwd, 'log_peer_1002.log');
    const log = await readFile(path, 'utf8');
    const line = log.split('\n').findIndex((text) => text.includes('number of pieces it has is 3')) + 1;
    await writeFile(path, log.replace('number of pieces it has is 3', 'number of pieces it has is 4'));
    const checked = await run(lanshare('peer', 'check'), { cwd });
    expect(checked.code).toBe(7);
    expect(checked.stdout).toMatch(
      new RegExp(`\\nBROKEN +piece-count .*\\n +log_peer_1002\\.log line ${line}: `),
    );
    expect(checked.stderr).toMatch(/^lanshare: .*piece-count/);
  });

  it('what --all started ends with it, even when it is killed', async () => {
    const project = await makeProject(await temporaryFolder(), {
      // Nobody ever has the file whole: 1003 is not started.
      peers: peersInOrder(3, [1003]),
      fileSize: 100_000,
    });
    const { directory: cwd, peers } = project;
    const elsewhere = peers.map(
      ({ id, port }) => `${id} ${id === 1003 ? '192.0.2.1' : 'localhost'} ${port} `,
    );
    await writeFile(join(cwd, 'PeerInfo.cfg'), `${elsewhere[0]}0\n${elsewhere[1]}0\n${elsewhere[2]}1\n`);
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const all = start(lanshare('peer', '--all', '--json'), { cwd });
      await all.event('peer-connected');
      all.kill(signal);
      const { code } = await all.exit(RUN_TIMEOUT_MS);
      if (signal === 'SIGINT') expect(code).toBe(130);
      // Whoever runs listens.
      for (const { port } of peers) await untilFree(port);
    }
  });

  it('with a port in use --all says whose, and exits with 5 when the others gave up', async () => {
    const project = await makeProject(await temporaryFolder(), {
      peers: peersInOrder(2),
      fileSize: 100_000,
    });
    const { directory: cwd } = project;
    const first = start(lanshare('peer', '1002', '--json'), { cwd });
    await first.event('peer-listening');
    const { code, stderr } = await run(lanshare('peer', '--all'), { cwd });
    expect(stderr).toContain('lanshare: 1002: port ');
    expect(code).toBe(5);
    expect(await first.exit(RUN_TIMEOUT_MS)).toMatchObject({ code: 0 });
  });
});
