import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListedPeerId } from '../../src/classroom/config/project.ts';
import type { LogEvent } from '../../src/classroom/log/log-event.ts';
import { parseLog, parseLogLine } from '../../src/classroom/log/parse-log.ts';
import { logLine, sentenceOf } from '../../src/classroom/log/sentence.ts';

const id = (value: number) => value as ListedPeerId;
const WRITER = id(1001);
const OTHER = id(1002);

/** Word for word as the assignment has them. */
const SENTENCES: readonly (readonly [string, LogEvent])[] = [
  ['Peer 1001 makes a connection to Peer 1002.', { kind: 'makes connection', to: OTHER }],
  ['Peer 1001 is connected from Peer 1002.', { kind: 'is connected', from: OTHER }],
  [
    'Peer 1001 has the preferred neighbors 1002,1003.',
    { kind: 'preferred neighbors', neighbors: [OTHER, id(1003)] },
  ],
  ['Peer 1001 has the preferred neighbors 1002.', { kind: 'preferred neighbors', neighbors: [OTHER] }],
  [
    'Peer 1001 has the optimistically unchoked neighbor 1002.',
    { kind: 'optimistically unchoked neighbor', neighbor: OTHER },
  ],
  ['Peer 1001 is unchoked by 1002.', { kind: 'unchoked', by: OTHER }],
  ['Peer 1001 is choked by 1002.', { kind: 'choked', by: OTHER }],
  [
    "Peer 1001 received the 'have' message from 1002 for the piece 7.",
    { kind: 'have', from: OTHER, piece: 7 },
  ],
  ["Peer 1001 received the 'interested' message from 1002.", { kind: 'interested', from: OTHER }],
  ["Peer 1001 received the 'not interested' message from 1002.", { kind: 'not interested', from: OTHER }],
  [
    'Peer 1001 has downloaded the piece 7 from 1002. Now the number of pieces it has is 8.',
    { kind: 'downloaded piece', piece: 7, from: OTHER, pieces: 8 },
  ],
  ['Peer 1001 has downloaded the complete file.', { kind: 'complete' }],
];

describe('the sentences of the log', () => {
  it.each(SENTENCES)('%s', (sentence, event) => {
    expect(sentenceOf(WRITER, event)).toBe(sentence);
    expect(parseLogLine(`[10:15:03]: ${sentence}`)).toEqual({
      peer: WRITER,
      event,
      verbatim: true,
      time: { kind: 'time of day', ms: 36_903_000 },
    });
  });

  const someId = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(id);
  const somePiece = fc.integer({ min: 0, max: 2 ** 31 });
  const someEvent: fc.Arbitrary<LogEvent> = fc.oneof(
    fc.record({ kind: fc.constant('makes connection' as const), to: someId }),
    fc.record({ kind: fc.constant('is connected' as const), from: someId }),
    fc.record({
      kind: fc.constant('preferred neighbors' as const),
      neighbors: fc.array(someId, { minLength: 1, maxLength: 200 }),
    }),
    fc.record({ kind: fc.constant('optimistically unchoked neighbor' as const), neighbor: someId }),
    fc.record({ kind: fc.constantFrom('unchoked' as const, 'choked' as const), by: someId }),
    fc.record({ kind: fc.constant('have' as const), from: someId, piece: somePiece }),
    fc.record({ kind: fc.constantFrom('interested' as const, 'not interested' as const), from: someId }),
    fc.record({
      kind: fc.constant('downloaded piece' as const),
      piece: somePiece,
      from: someId,
      pieces: somePiece,
    }),
    fc.constant({ kind: 'complete' as const }),
  );
  const someTime = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2200, 0, 1) });

  it('are read back as they were written, with their time to the millisecond', () => {
    fc.assert(
      fc.property(someTime, someId, someEvent, (time, peer, event) => {
        const line = logLine(time, peer, event);
        const parsed = parseLogLine(line);
        expect(parsed).toMatchObject({ peer, event, verbatim: true, time: { kind: 'date' } });
        // Compared as text: an hour of autumn is there twice in some zones.
        expect(logLine(parsed?.time?.ms ?? 0, peer, event)).toBe(line);
      }),
    );
  });

  it('are read back when a program has written them its own way, and then they are not verbatim', () => {
    const habits: readonly ((line: string) => string)[] = [
      (line) => line.replaceAll(' ', '  '),
      (line) => line.replace(/\.$/, ' . '),
      (line) => line.replaceAll('neighbor', 'neighbour'),
      (line) => line.replaceAll("'", '"'),
      (line) => line.replaceAll("'", ''),
      (line) => line.replace(/'(.*)'/, '‘$1’'),
      (line) => line.replace(/\b(a|the) /g, ''),
      (line) =>
        line.replace(/neighbors? ([\d,]+)/, (_, list: string) => `neighbors [${list.replaceAll(',', ', ')}]`),
      (line) => line.replace(/Peer (\d+)/g, 'Peer [$1]'),
      (line) => line.replace(/Peer (\d+)/g, '$1'),
      (line) => line.replace(/(from|by|to) (?:Peer )?(\d+)/g, '$1 Peer $2'),
      (line) => line.toUpperCase(),
      (line) => line.replace('not interested', 'not_interested'),
      (line) => line.replace('piece ', 'piece index '),
      (line) => line.replace('has is', 'has is:'),
      (line) => line.replace('received', 'receives'),
      (line) => line.replace(']: ', '] '),
      (line) => line.replace(/\[(.*?)\]:/, '$1:'),
      (line) => `INFO ${line}`,
    ];
    fc.assert(
      fc.property(someId, someEvent, fc.subarray([...habits]), (peer, event, chosen) => {
        const prescribed = sentenceOf(peer, event);
        const line = chosen.reduce((text, habit) => habit(text), `[2026-11-21 10:15:03]: ${prescribed}`);
        const parsed = parseLogLine(line);
        expect(parsed, line).toMatchObject({ peer, event, time: { kind: 'date' } });
        expect(parsed?.verbatim).toBe(line.endsWith(prescribed));
      }),
    );
  });

  it.each([
    ['', 'nothing'],
    ['[10:15:03]: Peer 1001 sleeps.', 'another sentence'],
    ['[10:15:03]: Peer 1001 is unchoked by nobody.', 'no ID'],
    ['[10:15:03]: Peer 1001 is unchoked by 4294967296.', 'an ID of more than four bytes'],
    ['[10:15:03]: Peer 4294967296 is unchoked by 1001.', 'a writer of more than four bytes'],
    ['[10:15:03]: Peer 1001 has downloaded the piece 7 from 1002.', 'half a sentence'],
    ["[10:15:03]: Peer 1001 received the 'have' message from 1002.", 'no piece'],
    [`[10:15:03]: Peer 1001 has the preferred neighbors ${'1002,'.repeat(3000)}1003.`, 'a line without end'],
  ])('are not seen in "%s": %s', (line) => {
    expect(parseLogLine(line)).toBeUndefined();
  });

  it('are looked for in any text without losing a line', () => {
    const noise = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }).filter((text) => !/[\r\n]/.test(text)),
        fc.constantFrom('Peer 1001 has', '[', 'Peer Peer 1 1 is', '1001 is choked by 1002', ' '),
      ),
    );
    fc.assert(
      fc.property(fc.array(noise.map((parts) => parts.join(''))), (lines) => {
        const { entries, unread } = parseLog(lines.join('\n'));
        const written = lines.filter((line) => line.trim() !== '').length;
        expect(entries.length + unread.length).toBe(written);
      }),
    );
  });
});

describe('a log as a whole', () => {
  it('has entries with their lines, and tells which lines could not be read', () => {
    const log = parseLog(
      [
        'Log of group 7',
        '[10:15:03]: Peer 1001 makes a connection to Peer 1002.',
        '',
        'java.io.EOFException',
        '[10:15:04]: Peer 1001 is unchoked by 1002.',
      ].join('\r\n'),
    );
    expect(log.entries).toMatchObject([
      { line: 2, event: { kind: 'makes connection' }, time: 36_903_000 },
      { line: 5, event: { kind: 'unchoked' }, time: 36_904_000 },
    ]);
    expect(log.unread).toEqual([
      { line: 1, text: 'Log of group 7' },
      { line: 4, text: 'java.io.EOFException' },
    ]);
  });

  it('may have the sentence about a piece in two lines', () => {
    const { entries, unread } = parseLog(
      '[10:15:03]: Peer 1001 has downloaded the piece 7 from 1002.\nNow the number of pieces it has is 8.\n',
    );
    expect(entries).toMatchObject([
      { line: 1, verbatim: false, event: { kind: 'downloaded piece', pieces: 8 } },
    ]);
    expect(unread).toEqual([]);
  });

  it("may be written by Java's own logger, with the time in a line before", () => {
    const { entries, unread } = parseLog(
      [
        'Nov 21, 2026 10:15:03 AM edu.net.PeerLog write',
        'INFO: Peer 1001 is unchoked by 1002.',
        'Nov 21, 2026 10:15:04 AM PeerLog lambda$main$0',
        'INFO: Starting up',
      ].join('\n'),
    );
    const time = new Date(2026, 10, 21, 10, 15, 3).getTime();
    expect(entries).toMatchObject([{ line: 1, verbatim: true, time, event: { kind: 'unchoked', by: 1002 } }]);
    expect(unread).toMatchObject([{ line: 3, text: /Starting up/ }]);
  });

  it('may be written with `ctime` of C, whose time ends the line', () => {
    const { entries, unread } = parseLog(
      'Sat Nov 21 10:15:03 2026\nPeer 1001 is unchoked by 1002.\nSat Nov 21 10:15:04 2026\nbye\n',
    );
    const time = new Date(2026, 10, 21, 10, 15, 3).getTime();
    expect(entries).toMatchObject([{ line: 1, verbatim: true, time, event: { kind: 'unchoked', by: 1002 } }]);
    expect(unread.map(({ line }) => line)).toEqual([3, 4]);
  });

  const timesOf = (...times: string[]) =>
    parseLog(times.map((time) => `[${time}]: Peer 1 is choked by 2.`).join('\n')).entries.map(
      ({ time }) => time,
    );

  it('that has no dates goes on after midnight', () => {
    const day = 86_400_000;
    expect(timesOf('23:59:58', '00:00:01', '00:00:03')).toEqual([day - 2000, day + 1000, day + 3000]);
  });

  it('of a 12-hour clock without AM and PM goes on after one', () => {
    const hour = 3_600_000;
    expect(timesOf('12:59:58', '01:00:01')).toEqual([13 * hour - 2000, 13 * hour + 1000]);
  });

  it('may have times that go back a little', () => {
    expect(timesOf('00:10:00', '00:09:59')).toEqual([600_000, 599_000]);
  });

  it('has no times where they are not understood', () => {
    expect(timesOf('a while ago', '')).toEqual([undefined, undefined]);
  });
});
