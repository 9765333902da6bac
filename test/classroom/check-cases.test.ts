import { describe, expect, it } from 'vitest';
import { checkRun } from '../../src/classroom/check/check-run.ts';
import type { RuleId } from '../../src/classroom/check/rules.ts';
import type { RunRuleVerdict, RunVerdict } from '../../src/classroom/check/run-verdict.ts';
import { idOf, simulatedRun } from './simulated-run.ts';

const { project, logs } = simulatedRun({ seed: 11, peers: 4, seeders: 1, pieces: 60 });

/** The verdict where the log of 1002 is this one, and the others are those of a correct run. */
function with1002(lines: readonly string[]): RunVerdict {
  const texts = [...logs].map(([id, log]) => [id, (id === 1002 ? lines : log).join('\n')] as const);
  return checkRun(project, new Map(texts));
}

/** The verdict on the log of 1001 alone, of which nothing but a few lines is said. */
function only1001(lines: readonly string[]): RunVerdict {
  return checkRun(project, new Map([[idOf(1001), lines.join('\r\n')]]));
}

function ruleOf(verdict: RunVerdict, id: RuleId): RunRuleVerdict {
  const rule = verdict.rules.find(({ rule }) => rule === id);
  if (rule === undefined) throw new Error(`no verdict on ${id}`);
  return rule;
}

function brokenRules(verdict: RunVerdict): readonly RuleId[] {
  return verdict.rules.filter(({ outcome }) => outcome.kind === 'broken').map(({ rule }) => rule);
}

function logOf1002(): readonly string[] {
  return logs.get(idOf(1002)) ?? [];
}

describe('what is no breach', () => {
  it('an unchoke of who is unchoked is noted', () => {
    const lines = logOf1002().flatMap((line) => (/is unchoked/.test(line) ? [line, line] : [line]));
    const verdict = with1002(lines);
    expect(brokenRules(verdict)).toEqual([]);
    expect(ruleOf(verdict, 'choke-after-unchoke').notes[0]?.text).toMatch(/once more/);
  });

  it('times that nobody can read leave the intervals unknown, and all else judged', () => {
    const texts = [...logs].map(
      ([id, log]) => [id, log.map((line) => line.replace(/^\[.*?\]/, '[now]'))] as const,
    );
    const verdict = checkRun(project, new Map(texts.map(([id, log]) => [id, log.join('\n')])));
    expect(brokenRules(verdict)).toEqual([]);
    expect(ruleOf(verdict, 'time-runs-forward').outcome.kind).toBe('unknown');
    expect(ruleOf(verdict, 'unchoking-interval').outcome.kind).toBe('unknown');
    expect(ruleOf(verdict, 'have-to-all').outcome.kind).toBe('kept');
    expect(ruleOf(verdict, 'unchoked-by-choice').outcome.kind).toBe('kept');
  });

  it('a clock that is an hour off is not held against the others', () => {
    const lines = logOf1002().map((line) =>
      line.replace(/ (\d\d):/, (_, hour) => ` ${(Number(hour) + 1) % 24}:`),
    );
    expect(brokenRules(with1002(lines))).toEqual([]);
  });

  it('an earlier run in the same log is left out', () => {
    const verdict = with1002([...logOf1002(), ...logOf1002()]);
    expect(brokenRules(verdict)).toEqual([]);
    expect(verdict.peers[1]?.fromLine).toBe(logOf1002().length + 1);
  });

  it('an earlier run in the log of a seeder, which ended a second ago', () => {
    const run = (second: number) =>
      [
        'is connected from Peer 1002.',
        "received the 'interested' message from 1002.",
        'has the preferred neighbors 1002.',
        'has the optimistically unchoked neighbor 1003.',
      ].map((sentence) => `[10:00:0${second}]: Peer 1001 ${sentence}`);
    const { common, peers } = project;
    const slow = { ...common, unchokingIntervalSeconds: 5, optimisticUnchokingIntervalSeconds: 10 };
    const text = [...run(1), ...run(3)].join('\n');
    const verdict = checkRun({ common: slow, peers }, new Map([[idOf(1001), text]]));
    expect(ruleOf(verdict, 'unchoking-interval').outcome.kind).toBe('unknown');
    expect(ruleOf(verdict, 'optimistic-interval').outcome.kind).toBe('unknown');
  });

  it('a last line that was cut off where the program was killed is noted', () => {
    const half = logOf1002().slice(0, Math.floor(logOf1002().length / 2));
    const verdict = with1002([...half, '[2026-11-21 10:00:02.000]: Peer 1002 rece']);
    expect(brokenRules(verdict)).toEqual(['everybody-complete']);
    expect(ruleOf(verdict, 'prescribed-sentences').notes).toHaveLength(1);
  });

  it('who counts its pieces from 0 has the file all the same', () => {
    const lines = logOf1002().map((line) =>
      line.replace(/it has is (\d+)/, (_, count) => `it has is ${Number(count) - 1}`),
    );
    const verdict = with1002(lines);
    expect(brokenRules(verdict)).toEqual(['piece-count']);
    expect(verdict.peers[1]?.end).toBe('complete');
  });

  it('a piece beyond the end does not make the count wrong', () => {
    const lines = logOf1002().map((line) =>
      line.replace(/downloaded the piece 17 /, 'downloaded the piece 60 '),
    );
    expect(brokenRules(with1002(lines))).toEqual(['piece-index']);
  });

  it('a neighbor says that it is interested in the moment in which it is preferred', () => {
    const verdict = only1001([
      '[10:00:01]: Peer 1001 has the preferred neighbors 1002.',
      "[10:00:01]: Peer 1001 received the 'interested' message from 1002.",
      '[10:00:09]: Peer 1001 has the preferred neighbors 1002.',
    ]);
    expect(ruleOf(verdict, 'unchokes-the-interested').outcome.kind).toBe('kept');
  });

  it('pieces that had arrived are told after a choke, and two that were under way come later', () => {
    const at = (second: number, sentence: string): string => `[10:00:0${second}]: Peer 1002 ${sentence}`;
    const piece = (second: number, n: number): string =>
      at(second, `has downloaded the piece ${n} from 1001. Now the number of pieces it has is ${n}.`);
    const verdict = checkRun(
      project,
      new Map([
        [
          idOf(1002),
          [
            at(0, 'makes a connection to Peer 1001.'),
            at(1, 'is unchoked by 1001.'),
            at(2, 'is choked by 1001.'),
            ...[1, 2, 3, 4].map((n) => piece(3, n)),
            ...[5, 6, 7].map((n) => piece(8, n)),
          ].join('\n'),
        ],
      ]),
    );
    expect(ruleOf(verdict, 'pieces-while-unchoked')).toMatchObject({
      total: 1,
      outcome: { breaches: [{ place: { peer: 1002, line: 10 } }] },
    });
  });
});

describe('an optimistic neighbor that is preferred already', () => {
  const INTEREST = "[10:00:00]: Peer 1001 received the 'interested' message from 1002.";
  const PREFERRED = '[10:00:01]: Peer 1001 has the preferred neighbors 1002.';

  it('is a breach', () => {
    const verdict = only1001([
      INTEREST,
      PREFERRED,
      '[10:00:05]: Peer 1001 has the optimistically unchoked neighbor 1002.',
      '[10:00:09]: Peer 1001 has the preferred neighbors 1002.',
    ]);
    expect(ruleOf(verdict, 'optimistic-was-choked').outcome).toMatchObject({
      kind: 'broken',
      breaches: [{ place: { peer: 1001, line: 3 } }],
    });
  });

  it('is none where it leaves the list in the same moment', () => {
    const verdict = only1001([
      INTEREST,
      "[10:00:00]: Peer 1001 received the 'interested' message from 1003.",
      PREFERRED,
      '[10:00:05]: Peer 1001 has the optimistically unchoked neighbor 1002.',
      '[10:00:05]: Peer 1001 has the preferred neighbors 1003.',
      '[10:00:09]: Peer 1001 has the preferred neighbors 1002.',
    ]);
    expect(ruleOf(verdict, 'optimistic-was-choked').outcome.kind).toBe('kept');
  });

  it('is none where it was not interested since, for a list that becomes empty need not be logged', () => {
    const verdict = only1001([
      INTEREST,
      PREFERRED,
      "[10:00:03]: Peer 1001 received the 'not interested' message from 1002.",
      "[10:00:04]: Peer 1001 received the 'interested' message from 1002.",
      '[10:00:06]: Peer 1001 has the optimistically unchoked neighbor 1002.',
    ]);
    expect(ruleOf(verdict, 'optimistic-was-choked').outcome.kind).toBe('kept');
  });
});

describe('a rule that is broken many times', () => {
  it('lists the first twenty and counts all', () => {
    const verdict = with1002([...logOf1002(), ...Array.from({ length: 50 }, () => 'stop'), ...logOf1002()]);
    const rule = ruleOf(
      with1002([...logOf1002(), ...Array.from({ length: 50 }, () => 'stop')]),
      'prescribed-sentences',
    );
    expect(rule.total).toBe(50);
    expect(rule.outcome.kind === 'broken' && rule.outcome.breaches).toHaveLength(20);
    expect(brokenRules(verdict)).toEqual([]);
  });
});
