import { describe, expect, it } from 'vitest';
import { checkRun } from '../../src/classroom/check/check-run.ts';
import type { Place } from '../../src/classroom/check/finding.ts';
import type { RuleId } from '../../src/classroom/check/rules.ts';
import type { RunVerdict } from '../../src/classroom/check/run-verdict.ts';
import { testSeed } from '../support/seeded-random.ts';
import { idOf, type SimulatedRun, type SimulatedRunOptions, simulatedRun } from './simulated-run.ts';

const seed = testSeed();

function verdictOf({ project, logs }: SimulatedRun): RunVerdict {
  return checkRun(project, new Map([...logs].map(([id, lines]) => [id, lines.join('\n')])));
}

function broken(verdict: RunVerdict): unknown {
  return verdict.rules.flatMap(({ rule, outcome }) =>
    outcome.kind === 'broken' ? outcome.breaches.map(({ place, text }) => ({ rule, ...place, text })) : [],
  );
}

/** What a short run has too little of. */
const MAY_BE_UNKNOWN = [
  'files-identical',
  'unchoking-interval',
  'optimistic-interval',
  'optimistic-was-choked',
];

function unknown(verdict: RunVerdict): readonly string[] {
  return verdict.rules.filter(({ outcome }) => outcome.kind === 'unknown').map(({ rule }) => rule);
}

describe(`the logs of a correct run keep every rule (SEED=${seed})`, () => {
  const runs: readonly [string, Omit<SimulatedRunOptions, 'seed'>][] = [
    ['three peers', { peers: 3, seeders: 1, pieces: 60 }],
    ['five peers, two of them with the file', { peers: 5, seeders: 2, pieces: 120 }],
    ['eight peers', { peers: 8, seeders: 1, pieces: 80 }],
    ['one that comes late', { peers: 5, seeders: 1, pieces: 80, startsAt: new Map([[1003, 4_000]]) }],
    [
      'one that comes when all others are done',
      { peers: 4, seeders: 1, pieces: 30, startsAt: new Map([[1002, 60_000]]) },
    ],
    ['a late seeder', { peers: 5, seeders: 2, pieces: 80, startsAt: new Map([[1002, 3_000]]) }],
    [
      'one that is killed and started again',
      { peers: 5, seeders: 1, pieces: 120, restarts: { peer: 1003, at: 3_000 } },
    ],
    [
      'a seeder that is killed and started again',
      { peers: 5, seeders: 1, pieces: 120, restarts: { peer: 1001, at: 2_500 } },
    ],
  ];
  for (const [name, options] of runs) {
    it(name, () => {
      for (let turn = 0; turn < 6; turn++) {
        const run = simulatedRun({ ...options, seed: seed + turn });
        const verdict = verdictOf(run);
        expect(broken(verdict)).toEqual([]);
        expect(MAY_BE_UNKNOWN).toEqual(expect.arrayContaining([...unknown(verdict)]));
        expect(verdict.peers.every(({ end }) => end === 'complete' || end === 'had the file')).toBe(true);
      }
    });
  }
});

/** A correct run, with hands to spoil it. */
class Spoiled {
  readonly run = simulatedRun({ seed: 5, peers: 5, seeders: 1, pieces: 120 });

  log(peer: number): string[] {
    const log = this.run.logs.get(idOf(peer));
    if (log === undefined) throw new Error(`no log of ${peer}`);
    return log;
  }

  /** The line number, from 1, of the first line from `from` on that says it. */
  find(peer: number, pattern: RegExp, from = 1): number {
    const at = this.log(peer).findIndex((line, index) => index >= from - 1 && pattern.test(line));
    if (at < 0) throw new Error(`the log of ${peer} has no ${pattern}`);
    return at + 1;
  }

  middle(peer: number): number {
    return Math.floor(this.log(peer).length / 2);
  }

  line(peer: number, line: number): string {
    return this.log(peer)[line - 1] ?? '';
  }

  /** Puts a sentence behind a line, with the time of that line. Answers where it stands. */
  insert(peer: number, line: number, sentence: string): Place {
    const time = /^\[.*?\]: /.exec(this.line(peer, line))?.[0] ?? '';
    this.log(peer).splice(line, 0, time + sentence);
    return this.at(peer, line + 1);
  }

  repeat(peer: number, line: number): Place {
    this.log(peer).splice(line, 0, this.line(peer, line));
    return this.at(peer, line + 1);
  }

  replace(peer: number, line: number, change: (text: string) => string): Place {
    this.log(peer)[line - 1] = change(this.line(peer, line));
    return this.at(peer, line);
  }

  remove(peer: number, pattern: RegExp): void {
    const kept = this.log(peer).filter((line) => !pattern.test(line));
    expect(kept.length).toBeLessThan(this.log(peer).length);
    this.run.logs.set(idOf(peer), kept);
  }

  at(peer: number, line: number | undefined): Place {
    return { peer: idOf(peer), line };
  }
}

const SPOILED: readonly [string, RuleId, (run: Spoiled) => Place][] = [
  [
    'a log is missing',
    'every-peer-has-a-log',
    (run) => {
      run.run.logs.delete(idOf(1003));
      return run.at(1003, undefined);
    },
  ],
  [
    'a line of debugging',
    'prescribed-sentences',
    (run) => run.insert(1002, run.middle(1002), 'got 17 bytes'),
  ],
  [
    'a line about somebody else',
    'own-log',
    (run) => run.insert(1002, run.middle(1002), 'Peer 1003 is choked by 1001.'),
  ],
  [
    'a time that goes back',
    'time-runs-forward',
    (run) =>
      run.replace(1002, run.find(1002, /interested/, 20), (line) => line.replace(/\d\d:\d\d/, '01:01')),
  ],
  [
    'a peer that is not listed',
    'names-listed-peers',
    (run) => run.insert(1002, 9, "Peer 1002 received the 'interested' message from 1099."),
  ],
  [
    'the writer as its own neighbor',
    'names-listed-peers',
    (run) => run.insert(1002, 9, "Peer 1002 received the 'have' message from 1002 for the piece 3."),
  ],
  [
    'two peers that never connected',
    'dials-earlier-peers',
    (run) => {
      run.remove(1003, /makes a connection to Peer 1002/);
      run.remove(1002, /is connected from Peer 1003/);
      return run.at(1003, undefined);
    },
  ],
  [
    'a connection to a later peer',
    'dials-earlier-peers',
    (run) => {
      run.insert(1004, 9, 'Peer 1004 is connected from Peer 1002.');
      return run.insert(1002, 9, 'Peer 1002 makes a connection to Peer 1004.');
    },
  ],
  [
    'a connection that the other side does not tell of',
    'connections-agree',
    (run) => {
      run.remove(1002, /is connected from Peer 1003/);
      return run.at(1003, run.find(1003, /makes a connection to Peer 1002/));
    },
  ],
  [
    'a neighbor that is preferred twice',
    'preferred-neighbors',
    (run) => {
      const line = run.find(1001, /preferred neighbors \d+,\d+/);
      return run.replace(1001, line, (text) => text.replace(/(\d+),(\d+)\.$/, '$1,$2,$1.'));
    },
  ],
  [
    'more preferred neighbors than allowed',
    'preferred-neighbors',
    (run) => {
      const line = run.find(1001, /preferred neighbors/);
      return run.replace(1001, line, (text) => text.replace(/[\d,]+\.$/, '1002,1003,1004.'));
    },
  ],
  [
    'a preferred neighbor that is not interested',
    'unchokes-the-interested',
    (run) => run.insert(1002, run.log(1002).length, 'Peer 1002 has the preferred neighbors 1001.'),
  ],
  [
    'preferred neighbors that change all the time',
    'unchoking-interval',
    (run) => {
      const line = run.find(1001, /preferred neighbors/);
      run.repeat(1001, line);
      return run.repeat(1001, line + 1);
    },
  ],
  [
    'an optimistic neighbor that changes at once',
    'optimistic-interval',
    (run) => run.repeat(1001, run.find(1001, /optimistically/)),
  ],
  ['a choke after a choke', 'choke-after-unchoke', (run) => run.repeat(1002, run.find(1002, /is choked by/))],
  [
    'an unchoke of who was never chosen',
    'unchoked-by-choice',
    (run) => {
      const changed = run
        .log(1001)
        .map((line) => (/neighbor/.test(line) ? line.replace(/1004,|,?1004/, '') : line));
      run.run.logs.set(
        idOf(1001),
        changed.filter((line) => !/neighbors? \.$/.test(line)),
      );
      return run.at(1004, run.find(1004, /is unchoked by 1001/));
    },
  ],
  [
    'a piece from who has not unchoked',
    'pieces-while-unchoked',
    (run) => {
      run.remove(1002, /choked by 1001/);
      return run.at(1002, run.find(1002, /downloaded the piece \d+ from 1001/));
    },
  ],
  [
    'a piece of which its source tells later',
    'have-before-piece',
    (run) => {
      const line = run.find(1002, /downloaded the piece \d+ from 1003/);
      const piece = /piece (\d+)/.exec(run.line(1002, line))?.[1];
      run.remove(1002, new RegExp(`from 1003 for the piece ${piece}\\.`));
      run.insert(
        1002,
        run.log(1002).length,
        `Peer 1002 received the 'have' message from 1003 for the piece ${piece}.`,
      );
      return run.at(1002, line - 1);
    },
  ],
  [
    'a piece beyond the end',
    'piece-index',
    (run) => run.insert(1002, 20, "Peer 1002 received the 'have' message from 1003 for the piece 120."),
  ],
  [
    'a piece that comes twice',
    'each-piece-once',
    (run) => run.repeat(1002, run.find(1002, /downloaded the piece/, 80)),
  ],
  [
    'a count that jumps',
    'piece-count',
    (run) => run.replace(1002, run.find(1002, / is 50\.$/), (line) => line.replace('is 50.', 'is 70.')),
  ],
  [
    'a count that begins at 0',
    'piece-count',
    (run) => run.replace(1002, run.find(1002, / is 1\.$/), (line) => line.replace('is 1.', 'is 0.')),
  ],
  [
    'a file that is complete twice',
    'complete-once',
    (run) => run.repeat(1002, run.find(1002, /complete file/)),
  ],
  [
    'a file that is complete too early',
    'complete-once',
    (run) => run.insert(1002, run.middle(1002), 'Peer 1002 has downloaded the complete file.'),
  ],
  [
    'a file that is never said to be complete',
    'complete-once',
    (run) => {
      run.remove(1002, /complete file/);
      return run.at(1002, undefined);
    },
  ],
  [
    'a seeder that completes the file',
    'seeders-download-nothing',
    (run) => run.insert(1001, run.middle(1001), 'Peer 1001 has downloaded the complete file.'),
  ],
  [
    'a have for a piece that is downloaded seconds later',
    'have-is-true',
    (run) => {
      const line = run.find(1003, / is 118\. *$/);
      const piece = /piece (\d+)/.exec(run.line(1003, line))?.[1];
      const connected = run.find(1002, /is connected from Peer 1003/);
      return run.insert(
        1002,
        connected,
        `Peer 1002 received the 'have' message from 1003 for the piece ${piece}.`,
      );
    },
  ],
  [
    'a have that never came',
    'have-to-all',
    (run) => {
      const line = run.find(1003, /downloaded the piece \d+ from 1002/);
      const piece = /piece (\d+)/.exec(run.line(1003, line))?.[1];
      run.remove(1002, new RegExp(`'have' message from 1003 for the piece ${piece}\\.`));
      return run.at(1003, line);
    },
  ],
  [
    'no have at all to the seeder',
    'have-to-all',
    (run) => {
      run.remove(1001, /'have' message from 1003/);
      return run.at(1003, run.find(1003, /downloaded the piece/));
    },
  ],
  [
    'no have at all to a seeder that was sent no bitfield, and so never answered',
    'have-to-all',
    (run) => {
      run.remove(1001, /'have' message from 1003/);
      run.remove(1003, /interested' message from 1001/);
      const first = run.find(1003, /downloaded the piece \d+ from 1001/);
      return run.at(1003, run.find(1003, /downloaded the piece/, first + 1));
    },
  ],
  [
    'a peer that did not get everything',
    'everybody-complete',
    (run) => {
      run.log(1002).splice(run.middle(1002));
      return run.at(1002, undefined);
    },
  ],
];

describe('a rule that is broken is found at its place, and no other is blamed', () => {
  for (const [name, rule, spoil] of SPOILED) {
    it(`${rule}: ${name}`, () => {
      const spoiled = new Spoiled();
      const place = spoil(spoiled);
      const found = verdictOf(spoiled.run).rules.filter(({ outcome }) => outcome.kind === 'broken');
      expect(found.map((broken) => broken.rule)).toEqual([rule]);
      const [outcome] = found.map((broken) => broken.outcome);
      expect(outcome?.kind === 'broken' ? outcome.breaches[0]?.place : undefined).toEqual(place);
    });
  }
});
