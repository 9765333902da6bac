import type { ListedPeerId, Project } from '../config/project.ts';
import { LogReader } from '../log/parse-log.ts';
import { RunCheck } from './run-check.ts';
import type { RunVerdict } from './run-verdict.ts';

/** Says which rules of the assignment the logs of a finished run obey. `logs`: the whole text of each. */
export function checkRun(project: Project, logs: ReadonlyMap<ListedPeerId, string>): RunVerdict {
  const check = new RunCheck(project);
  for (const peer of project.peers) {
    const log = check.begin(peer);
    const reader = new LogReader(log);
    for (const line of (logs.get(peer.id) ?? '').split(/\r\n|\r|\n/)) reader.line(line);
    reader.end();
    log.end();
  }
  return check.verdict();
}
