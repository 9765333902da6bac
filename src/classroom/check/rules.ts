/** Every rule that the logs of a run are judged by, in the order in which they are told. */
export const RULES = {
  'every-peer-has-a-log': {
    text: 'Every listed peer has written a log.',
    silence: 'no peer is listed',
  },
  'prescribed-sentences': {
    text: "Every line of a log is one of the assignment's sentences.",
    silence: 'there is no line',
  },
  'own-log': {
    text: 'Every line tells of the peer whose log it stands in.',
    silence: 'there is no line',
  },
  'time-runs-forward': {
    text: 'Within a log no time is earlier than the one before, by more than a second.',
    silence: 'the logs have no times that can be read',
  },
  'names-listed-peers': {
    text: 'A line names only peers that PeerInfo.cfg lists, and never the writer as the other side.',
    silence: 'no line names a peer',
  },
  'dials-earlier-peers': {
    text: 'Each peer makes a connection to every peer that is listed before it, and to none after it.',
    silence: 'there are no two logs',
  },
  'connections-agree': {
    text: 'A connection stands in both logs: made in the one, and "is connected from" in the other.',
    silence: 'there are no two logs that tell of connections',
  },
  'preferred-neighbors': {
    text: 'A list of preferred neighbors names at most NumberOfPreferredNeighbors peers, and none twice.',
    silence: 'no log tells of preferred neighbors',
  },
  'unchokes-the-interested': {
    text: "Only who said 'interested', and not 'not interested' since, becomes preferred or optimistically unchoked.",
    silence: 'no log tells of a neighbor that was chosen',
  },
  'unchoking-interval': {
    text: 'Preferred neighbors change at most once in UnchokingInterval, give or take 1.5 s in the whole log.',
    silence: 'no log tells two times of preferred neighbors',
  },
  'optimistic-interval': {
    text: 'The optimistic neighbor changes at most once in OptimisticUnchokingInterval, give or take 1.5 s in the whole log.',
    silence: 'no log tells two times of an optimistically unchoked neighbor',
  },
  'optimistic-was-choked': {
    text: 'The optimistically unchoked neighbor is none of the preferred ones.',
    silence: 'no log tells of an optimistically unchoked neighbor',
  },
  'choke-after-unchoke': {
    text: 'A peer is choked only by who had unchoked it.',
    silence: 'no log tells of a choke or unchoke',
  },
  'unchoked-by-choice': {
    text: 'Whoever is unchoked by a peer was chosen in the log of that peer, as preferred or optimistically.',
    silence: 'no two logs tell of an unchoke',
  },
  'pieces-while-unchoked': {
    text: 'Pieces come only from who had unchoked the peer; what was under way at a choke may still come.',
    silence: 'no piece was downloaded',
  },
  'have-before-piece': {
    text: "A piece comes only from who has the file, or told of the piece before: by 'have', or in its bitfield.",
    silence: 'no piece was downloaded',
  },
  'piece-index': {
    text: 'Every index of a piece is below the number of pieces.',
    silence: 'no line names a piece',
  },
  'each-piece-once': {
    text: 'No piece is downloaded twice.',
    silence: 'no piece was downloaded',
  },
  'piece-count': {
    text: 'The number of pieces starts at 1 and goes up by one with each piece.',
    silence: 'no piece was downloaded',
  },
  'complete-once': {
    text: '"has downloaded the complete file" is said once, after the last piece.',
    silence: 'no log has the last piece',
  },
  'seeders-download-nothing': {
    text: 'Who has the file at the start downloads no piece, and does not say that it has completed the file.',
    silence: 'no peer that has the file has a log',
  },
  'have-is-true': {
    text: "Nobody says 'have' before it has downloaded the piece, as far as the clocks of two logs agree.",
    silence: 'the logs tell of no have, or their clocks do not agree',
  },
  'have-to-all': {
    text: "Each downloaded piece is told to every other peer by 'have'.",
    silence: 'no two logs tell of a piece that was downloaded after both were connected',
  },
  'everybody-complete': {
    text: 'Every peer that lacked the file has all of its pieces at the end.',
    silence: 'no peer that lacked the file has a log',
  },
  'files-identical': {
    text: 'The file in the folder of every peer is identical to that of a peer that had it at the start.',
    silence: 'the folders of the peers are not here',
  },
} as const satisfies Readonly<Record<string, RuleText>>;

export interface RuleText {
  /** What is asked for; one sentence. */
  readonly text: string;
  /** Why nothing can be said, where nothing was there to be judged. */
  readonly silence: string;
}

export type RuleId = keyof typeof RULES;

export const RULE_IDS = Object.keys(RULES) as readonly RuleId[];
