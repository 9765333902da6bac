#!/usr/bin/env node
import { systemClock } from '../platform/clock.ts';
import { isLinkLocal, systemInterfaces } from '../platform/interfaces.ts';
import { currentDirectory } from './current-directory.ts';
import { run } from './run.ts';

const code = await run(process.argv.slice(2), {
  env: process.env,
  cwd: currentDirectory(() => process.cwd(), process.env),
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  events: process,
  clock: systemClock,
  addresses: () =>
    systemInterfaces()
      .filter(({ kind }) => kind === 'lan')
      .flatMap(({ addresses }) => addresses.filter((address) => !isLinkLocal(address)))
      .map(({ address }) => address),
  createNode: async (options) => {
    const { createNode } = await import('../node/create-node.ts');
    return createNode(options);
  },
  createTrackerServer: async (options) => {
    const { createTrackerServer } = await import('../tracker-server/tracker-server.ts');
    return createTrackerServer(options);
  },
  openStore: async (url, options) => {
    const { openStore } = await import('../tracker-server/store/open-store.ts');
    return openStore(url, options);
  },
  surroundings: async () => {
    const { systemSurroundings } = await import('./surroundings.ts');
    return systemSurroundings;
  },
  classroom: async () => {
    const { systemClassroom } = await import('./system-classroom.ts');
    return systemClassroom;
  },
  exit: (exitCode) => process.exit(exitCode),
});
process.exit(code);
