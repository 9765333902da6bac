import { printableName } from '../../../metainfo/printable-name.ts';
import { formatRate, formatSeconds } from '../format.ts';
import { tableLines } from '../table.ts';
import type { LogJudged, RuleBreach, RuleJudged, RulesJudged } from './rule-events.ts';

/** What `check` and `probe` found, for people: the logs in numbers, each rule, what is broken and where, and the count. */
export function ruleLines(events: readonly (LogJudged | RuleJudged | RulesJudged)[]): readonly string[] {
  const logs = events.filter((event) => event.event === 'peer-log');
  const rules = events.filter((event) => event.event === 'rule');
  const ends = events.filter((event) => event.event === 'rules');
  const paragraphs = [
    logs.length === 0 ? [] : tableLines([LOG_HEADINGS, ...logs.map(logCells)]),
    rulesTable(rules),
    ends.flatMap((end) => [...end.remarks, verdict(end)]),
  ];
  return paragraphs
    .filter((paragraph) => paragraph.length > 0)
    .flatMap((paragraph, at) => (at === 0 ? paragraph : ['', ...paragraph]))
    .map(printableName);
}

const LOG_HEADINGS = ['PEER', 'END', 'LINES', 'PIECES', 'TIME', 'RATE', 'FROM'];

function logCells(log: LogJudged): readonly string[] {
  const { peer, end, lines, fromLine, piecesDownloaded, sources, seconds, bytesPerSecond } = log;
  return [
    String(peer),
    end,
    fromLine === 1 ? String(lines) : `${lines} (from ${fromLine})`,
    String(piecesDownloaded),
    seconds === null ? '-' : formatSeconds(seconds),
    bytesPerSecond === null ? '-' : formatRate(bytesPerSecond),
    sources.map((source) => `${source.pieces} of ${source.peer}`).join(', '),
  ];
}

const INDENT = ' '.repeat(9);

function rulesTable(rules: readonly RuleJudged[]): readonly string[] {
  const columns = Math.max(0, ...rules.map(({ rule }) => rule.length));
  return rules.flatMap((judged) => [
    `${word(judged).padEnd(INDENT.length)}${judged.rule.padEnd(columns)}  ${judged.message}`,
    ...details(judged).map((line) => INDENT + line),
  ]);
}

function details({ remark, breaches, breachCount, notes }: RuleJudged): readonly string[] {
  const more = breachCount - breaches.length;
  return [
    ...(remark === null ? [] : [remark]),
    ...breaches.map(placed),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...notes.map((note) => `tolerated: ${placed(note)}`),
  ];
}

/** Broken advice breaks no rule. */
function word({ outcome, weight }: RuleJudged): string {
  switch (outcome) {
    case 'kept':
      return 'ok';
    case 'unknown':
      return 'unknown';
    case 'broken':
      return weight === 'rule' ? 'BROKEN' : 'advice';
  }
}

function placed({ peer, line, message }: RuleBreach): string {
  if (peer === null) return message;
  return line === null ? `peer ${peer}: ${message}` : `log_peer_${peer}.log line ${line}: ${message}`;
}

function verdict({ kept, broken, unknown, adviceBroken }: RulesJudged): string {
  const parts = [
    `${kept} kept`,
    `${broken} broken`,
    ...(unknown > 0 ? [`${unknown} not known`] : []),
    ...(adviceBroken > 0 ? [`${adviceBroken} advice not followed`] : []),
  ];
  return parts.join(', ');
}
