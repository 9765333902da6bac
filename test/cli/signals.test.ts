import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { LanshareError } from '../../src/errors.ts';
import type { FetchResult } from '../../src/node/api.ts';
import { fakeHost, jsonLines } from './fake-host.ts';
import { metainfoOf, type Script, scripted, wholeFetch } from './fake-node.ts';

const movie = metainfoOf('movie.txt');

/** Goes on until it is aborted, as a node does: it rejects with INTERRUPTED. */
function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new LanshareError('INTERRUPTED', 'the node says so')));
  });
}

const endless: Script = {
  fetch: (_what, { signal }) => untilAborted(signal),
  share: (_path, { signal }) => untilAborted(signal),
};

async function running(argv: readonly string[], script: Script, begun: string) {
  const { nodes, createNode } = scripted(script);
  const host = fakeHost({ cwd: import.meta.dirname, createNode });
  const exitCode = run(argv, host);
  while (!nodes.some(({ calls }) => calls.some((call) => call.startsWith(begun)))) await setImmediate();
  return { host, nodes, exitCode };
}

describe('the first signal', () => {
  it.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
  ])(
    '%s before a fetch is done: exit code %i, the node closed, the way on told',
    async (name, code, word) => {
      const { host, nodes, exitCode } = await running(['fetch', 'x'], endless, 'fetch');
      host.events.emit(name);
      expect(await exitCode).toBe(code);
      expect(nodes[0]?.calls.at(-1)).toBe('close');
      expect(host.stderr.text).toBe(
        `lanshare: ${word}\n  run the same command again: it goes on where it stopped\n`,
      );
      expect(host.exits).toEqual([]);
    },
  );

  it('promises no way on where nothing was kept', async () => {
    const { host, exitCode } = await running(['fetch', 'x', '--stdout'], endless, 'fetch');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(130);
    expect(host.stderr.text).toBe('lanshare: interrupted\n');
  });

  it('is an error event with --json', async () => {
    const { host, exitCode } = await running(['fetch', 'x', '--json'], endless, 'fetch');
    host.events.emit('SIGTERM');
    expect(await exitCode).toBe(143);
    expect(jsonLines(host.stdout.text).at(-1)).toMatchObject({ code: 'TERMINATED', exitCode: 143 });
  });

  it('while a share is still hashing: exit code 130', async () => {
    const { host, nodes, exitCode } = await running(['share', 'signals.test.ts'], endless, 'share');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(130);
    expect(nodes[0]?.calls.at(-1)).toBe('close');
  });

  it('while a whole fetch only serves others: exit code 0', async () => {
    let resolveSeeded = (): void => {};
    const seeding: Script = {
      async fetch(_what, _options, tell): Promise<FetchResult> {
        const seeded = new Promise<void>((resolve) => {
          resolveSeeded = resolve;
        });
        return { ...wholeFetch(movie, '/x/movie.txt', tell), seeded };
      },
    };
    const { host, nodes, exitCode } = await running(['fetch', 'x', '--seed', 'forever'], seeding, 'fetch');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(nodes[0]?.calls.at(-1)).toBe('close');
    resolveSeeded();
  });

  it('while the node is being made: exit code 130, the node closed', async () => {
    const { nodes, createNode } = scripted(endless);
    const host = fakeHost({
      createNode: async (options) => {
        host.events.emit('SIGINT');
        return createNode(options);
      },
    });
    expect(await run(['fetch', 'x'], host)).toBe(130);
    expect(nodes[0]?.calls).toEqual(['close']);
  });

  it('does not hide another fault that comes with it', async () => {
    const full: Script = {
      fetch: (_what, { signal }) =>
        untilAborted(signal).catch(() => {
          throw new LanshareError('DISK_FULL', 'the disk is full');
        }),
    };
    const { host, exitCode } = await running(['fetch', 'x'], full, 'fetch');
    host.events.emit('SIGINT');
    expect(await exitCode).toBe(6);
  });
});

describe('the second signal', () => {
  it('ends the process at once, even if closing hangs', async () => {
    const deaf: Script = { fetch: () => new Promise(() => {}) };
    const { host } = await running(['fetch', 'x'], deaf, 'fetch');
    host.events.emit('SIGINT');
    expect(host.exits).toEqual([]);
    host.events.emit('SIGTERM');
    expect(host.exits).toEqual([143]);
  });
});

it('after the command nobody listens for signals any more', async () => {
  const { createNode } = scripted({});
  const host = fakeHost({ createNode });
  expect(await run(['list'], host)).toBe(0);
  expect(host.events.eventNames()).toEqual([]);
});

describe('an error that nobody caught', () => {
  it.each([
    ['of ours', new RangeError('out of range'), 1, 'something inside lanshare failed: out of range'],
    ['with a code', new LanshareError('DISK_FULL', 'the disk is full'), 6, 'the disk is full'],
    ['that is no Error', 'a text', 1, 'something inside lanshare failed: a text'],
  ])('%s is one sentence and ends the process', async (_what, error, code, sentence) => {
    const { host } = await running(['fetch', 'x'], endless, 'fetch');
    host.events.emit('uncaughtException', error);
    expect(host.exits).toEqual([code]);
    expect(host.stderr.lines[0]).toBe(`lanshare: ${sentence}`);
    expect(host.stderr.text).not.toMatch(/^\s+at /m);
    host.events.emit('SIGINT');
  });
});
