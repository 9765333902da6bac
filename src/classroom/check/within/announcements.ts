import type { LogEntry } from '../../log/parse-log.ts';
import type { Download } from '../log-facts.ts';
import type { LogContext, LogRule } from './log-rule.ts';
import { close } from './races.ts';

/** `have-before-piece`, as far as one log shows it: the source tells of a piece only after it has sent it. */
export class Announcements implements LogRule {
  readonly #context: LogContext;
  /** Pieces that came without a have before; in a bitfield they may have been. */
  readonly #unannounced = new Map<number, Download>();
  #seen = 0;

  constructor(context: LogContext) {
    this.#context = context;
  }

  take({ line, time, event }: LogEntry): void {
    this.#rememberLatest();
    if (event.kind !== 'have') return;
    const { findings, facts, writer } = this.#context;
    const download = this.#unannounced.get(event.piece);
    if (download === undefined || download.from !== event.from || close(download, { line, time })) return;
    this.#unannounced.delete(event.piece);
    const connected = facts.about(event.from)?.connected;
    if (connected !== undefined && connected.line > download.line) return;
    const text = `piece ${event.piece} comes from ${event.from}, which tells of it only in line ${line}`;
    findings.breach('have-before-piece', { peer: writer.id, line: download.line }, text);
  }

  #rememberLatest(): void {
    const { facts, project } = this.#context;
    for (; this.#seen < facts.downloads.length; this.#seen++) {
      const download = facts.downloads[this.#seen];
      if (download === undefined || download.announced) continue;
      const source = project.peers.find(({ id }) => id === download.from);
      if (source?.hasFile === false) this.#unannounced.set(download.piece, download);
    }
  }
}
