import { type ListedPeerId, listedPeerId } from '../config/project.ts';
import type { LogEvent } from './log-event.ts';

/** Who says what. */
export interface Sentence {
  readonly peer: ListedPeerId;
  readonly event: LogEvent;
}

/** A line in two: what stands before its sentence, and the sentence; undefined where there is none. */
export interface SplitLine {
  readonly before: string;
  readonly peer: string;
  readonly predicate: string;
}

/** Finds `Peer 1001 has ...` in a line, also without the word `Peer` or with the ID in brackets. */
export function splitLine(line: string): SplitLine | undefined {
  const [, before, peer, predicate] = SUBJECT.exec(line) ?? [];
  if (before === undefined || peer === undefined || predicate === undefined) return undefined;
  return { before, peer, predicate };
}

const SUBJECT =
  /^(.*?)(?:\bPeer[\s_:]*)?[[(<]?(?<!\d)(\d{1,10})[\])>]?\s+((?:makes|made|is|was|has|have|rec(?:ei|ie)ve[sd])\b.*)$/i;

/**
 * Reads the assignment's sentences, and what programs make of them: brackets, quotes of any kind or none, blanks,
 * `neighbours`, articles left out, with or without a full stop. Undefined for anything else.
 */
export function parseSentence(split: SplitLine): Sentence | undefined {
  const peer = listedPeerId(Number(split.peer));
  const event = parsePredicate(bare(split.predicate));
  return peer === undefined || event === undefined ? undefined : { peer, event };
}

/** The words alone, in small letters, without those that programs leave out or add. */
function bare(predicate: string): string {
  return predicate
    .toLowerCase()
    .replace(/['"`´‘’“”[\](){}<>:#=]/g, ' ')
    .replace(/\b(?:the|a|an|peers?|index|id)\b/g, ' ')
    .replace(/\bneighbours?\b|\bneighbor\b/g, 'neighbors')
    .replace(/\s+/g, ' ')
    .replace(/(?<![\s.!])[\s.!]+$/, '')
    .trim();
}

function parsePredicate(text: string): LogEvent | undefined {
  for (const { pattern, event } of SENTENCES) {
    const match = pattern.exec(text);
    if (match !== null) return event(match);
  }
  return undefined;
}

/** How the words of a sentence are read. `event` answers undefined for numbers that cannot be. */
interface SentenceRule {
  readonly pattern: RegExp;
  event(match: RegExpExecArray): LogEvent | undefined;
}

const SENTENCES: readonly SentenceRule[] = [
  {
    pattern: /^(?:makes|made) (?:tcp )?connection (?:to|with) (\d+)$/,
    event: ([, to]) => about(to, (id) => ({ kind: 'makes connection', to: id })),
  },
  {
    pattern: /^(?:is|was) connected (?:from|by|with|to) (\d+)$/,
    event: ([, from]) => about(from, (id) => ({ kind: 'is connected', from: id })),
  },
  {
    pattern: /^has preferred neighbors(?: are| is)?((?:[ ,;]|and|\d+)*)$/,
    event: ([, list = '']) => preferredNeighbors(list),
  },
  {
    pattern: /^has optimistic(?:ally)?[ -]?unchoked neighbors(?: is)? (\d+)$/,
    event: ([, by]) => about(by, (id) => ({ kind: 'optimistically unchoked neighbor', neighbor: id })),
  },
  {
    pattern: /^(?:is|was) unchoked by (\d+)$/,
    event: ([, by]) => about(by, (id) => ({ kind: 'unchoked', by: id })),
  },
  {
    pattern: /^(?:is|was) choked by (\d+)$/,
    event: ([, by]) => about(by, (id) => ({ kind: 'choked', by: id })),
  },
  {
    pattern: /^rec(?:ei|ie)ve[sd] have messages? from (\d+) for piece (\d+)$/,
    event: ([, from, piece]) => about(from, (id) => have(id, piece)),
  },
  {
    pattern: /^rec(?:ei|ie)ve[sd] interested messages? from (\d+)$/,
    event: ([, from]) => about(from, (id) => ({ kind: 'interested', from: id })),
  },
  {
    pattern: /^rec(?:ei|ie)ve[sd] not[ _-]?interested messages? from (\d+)$/,
    event: ([, from]) => about(from, (id) => ({ kind: 'not interested', from: id })),
  },
  {
    pattern: /^has downloaded piece (\d+) from (\d+) ?[.,;]? ?now number of pieces (?:\S+ )?has is (\d+)$/,
    event: ([, piece, from, pieces]) => about(from, (id) => downloadedPiece(piece, id, pieces)),
  },
  {
    pattern: /^has downloaded complete file$/,
    event: () => ({ kind: 'complete' }),
  },
];

function about(
  digits: string | undefined,
  event: (id: ListedPeerId) => LogEvent | undefined,
): LogEvent | undefined {
  const id = listedPeerId(Number(digits));
  return id === undefined ? undefined : event(id);
}

function preferredNeighbors(list: string): LogEvent | undefined {
  const ids = (list.match(/\d+/g) ?? []).map((digits) => listedPeerId(Number(digits)));
  const neighbors = ids.filter((id) => id !== undefined);
  return neighbors.length === ids.length ? { kind: 'preferred neighbors', neighbors } : undefined;
}

function have(from: ListedPeerId, piece: string | undefined): LogEvent | undefined {
  const index = count(piece);
  return index === undefined ? undefined : { kind: 'have', from, piece: index };
}

function downloadedPiece(
  piece: string | undefined,
  from: ListedPeerId,
  pieces: string | undefined,
): LogEvent | undefined {
  const index = count(piece);
  const total = count(pieces);
  if (index === undefined || total === undefined) return undefined;
  return { kind: 'downloaded piece', piece: index, from, pieces: total };
}

function count(digits: string | undefined): number | undefined {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}
