import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from '../lan/command.ts';
import type { Running } from '../lan/running.mjs';
import { makeProject, type Project, type ProjectOptions } from './classroom.mjs';

const RUN_TIMEOUT_MS = 40_000;

/** A project with short intervals, gone after the test. */
export async function projectOfTest(options: ProjectOptions): Promise<Project> {
  return makeProject(await temporaryFolder(), { p: 1, m: 1, ...options });
}

interface GoodRunOptions {
  readonly folderOf?: (id: number) => string;
  /** Whether the logs are held against the rules. Default: yes. */
  readonly check?: boolean | undefined;
}

/** All end with 0, all have the same file, and the logs of all obey the rules. */
export async function expectGoodRun(
  project: Project,
  running: readonly Running[],
  { folderOf, check = true }: GoodRunOptions = {},
): Promise<void> {
  const exits = await Promise.all(running.map((peer) => endsWithTest(peer).exit(RUN_TIMEOUT_MS)));
  expect(exits.filter(({ code }) => code !== 0)).toEqual([]);
  await project.expectIdenticalFiles(folderOf);
  if (!check) return;
  const { code, stdout, stderr } = await project.check();
  expect(code, stdout + stderr).toBe(0);
}

/** A process that does not outlive the test. */
export function endsWithTest(running: Running): Running {
  onTestFinished(async () => {
    running.kill('SIGKILL');
    await running.exit();
  });
  return running;
}
