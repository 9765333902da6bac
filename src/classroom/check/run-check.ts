import type { ListedPeer, ListedPeerId, Project } from '../config/project.ts';
import type { AcrossRule } from './across/across-rule.ts';
import { connections } from './across/connections.ts';
import { endings } from './across/endings.ts';
import { haves } from './across/haves.ts';
import { RunFacts } from './across/run-facts.ts';
import { sources } from './across/sources.ts';
import { unchokes } from './across/unchokes.ts';
import type { ComparedFile } from './compared-file.ts';
import { Findings } from './findings.ts';
import { LogCheck } from './log-check.ts';
import type { LogFacts } from './log-facts.ts';
import { summaryOf } from './peer-summary.ts';
import type { RunVerdict } from './run-verdict.ts';

const ACROSS: readonly AcrossRule[] = [endings, connections, sources, haves, unchokes];

/** Takes the logs of a finished run, one after the other, and says which rules they obey. */
export class RunCheck {
  readonly #project: Project;
  readonly #logs = new Map<ListedPeerId, LogFacts>();
  readonly #findings = new Findings();

  constructor(project: Project) {
    this.#project = project;
  }

  /** The log of one peer, to be taken in whole and ended. A log without a line is none. */
  begin(writer: ListedPeer): LogCheck {
    return new LogCheck(this.#project, writer, ({ facts, findings }) => {
      this.#findings.append(findings);
      if (facts.lines > 0) this.#logs.set(writer.id, facts);
    });
  }

  verdict(files: readonly ComparedFile[] = []): RunVerdict {
    const findings = new Findings();
    findings.append(this.#findings);
    const run = new RunFacts(this.#project, this.#logs);
    for (const rule of ACROSS) rule(run, findings);
    for (const file of files) judgeFile(findings, file);
    return {
      rules: findings.verdicts(),
      peers: this.#project.peers.map((peer) => summaryOf(this.#project, peer, this.#logs.get(peer.id))),
    };
  }
}

function judgeFile(findings: Findings, { peer, difference }: ComparedFile): void {
  findings.judged('files-identical');
  if (difference !== undefined) findings.breach('files-identical', { peer, line: undefined }, difference);
}
