import { resolve } from 'node:path';
import type { Project } from '../../../classroom/config/project.ts';
import { readProject } from '../../../classroom/config/read-project.ts';
import type { Context } from '../../context.ts';

/** A project and where it lies. */
export interface PlacedProject {
  /** Absolute path. */
  readonly directory: string;
  readonly project: Project;
}

/** The project in `dir`, by default in the current directory. What is odd in it is told. Throws what `readProject` does. */
export async function projectIn(
  { host, reporter }: Pick<Context, 'host' | 'reporter'>,
  dir: string | undefined,
): Promise<PlacedProject> {
  const directory = resolve(host.cwd, dir ?? '.');
  const { project, notes } = await readProject(directory);
  for (const message of notes) reporter.report({ event: 'warning', message });
  return { directory, project };
}
