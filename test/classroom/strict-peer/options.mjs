import { parseArgs } from 'node:util';

/** What the caller wrote is wrong. */
export class OptionError extends Error {}

const HELP = `node strict-peer.mjs ID --dir DIR [flags]

Where it keeps things, and how it comes and goes:
  --plain-folder            data in ID/ and not in peer_ID/
  --retry-dials             dials again for ten seconds; without it an earlier peer that is not there is an error
  --reset                   closes with a reset at the end
  --live-ms N               ends with exit code 3 after so long; default 120000
How it speaks:
  --zeros CHAR              fills the handshake's ten zero bytes with this character
  --slow-handshake          sends the handshake byte by byte
  --split                   sends every message in several parts
  --empty-bitfield          sends a bitfield of zeros when it has nothing
  --speak-second            says nothing after the handshake until the other side does
  --wait-for-all            says nothing until every listed peer is connected, for ten seconds at most
  --repeat-interested       says again and again that it is interested
  --spare-haves             sends have only to those who lack the piece
How it serves and asks:
  --unchoke-twice           says every unchoke twice
  --early-unchoke           loses the first request after each unchoke
  --choke-on-request N      answers every Nth request with choke, and unchokes a little later
  --piece-after-choke       the same, but the piece follows the choke
  --never-unchoke           lets everybody wait
  --request-every-ms N      polls: at most one request in so many milliseconds, of the whole program
  --poll-per-link           the same for every link by itself
  --request-timeout-ms N    asks again after so long; default 2000
`;

const OPTIONS = {
  dir: { type: 'string', default: '.' },
  help: { type: 'boolean', default: false },
  'plain-folder': { type: 'boolean', default: false },
  'retry-dials': { type: 'boolean', default: false },
  reset: { type: 'boolean', default: false },
  'live-ms': { type: 'string', default: '120000' },
  zeros: { type: 'string', default: '\0' },
  'slow-handshake': { type: 'boolean', default: false },
  split: { type: 'boolean', default: false },
  'empty-bitfield': { type: 'boolean', default: false },
  'speak-second': { type: 'boolean', default: false },
  'wait-for-all': { type: 'boolean', default: false },
  'repeat-interested': { type: 'boolean', default: false },
  'spare-haves': { type: 'boolean', default: false },
  'unchoke-twice': { type: 'boolean', default: false },
  'early-unchoke': { type: 'boolean', default: false },
  'choke-on-request': { type: 'string', default: '0' },
  'piece-after-choke': { type: 'boolean', default: false },
  'never-unchoke': { type: 'boolean', default: false },
  'request-every-ms': { type: 'string', default: '0' },
  'poll-per-link': { type: 'boolean', default: false },
  'request-timeout-ms': { type: 'string', default: '2000' },
};

/** The words of the command line as `{ id, directory, habits }`; throws OptionError. */
export function readOptions(words) {
  const { values, positionals } = parse(words);
  if (values.help) throw new OptionError(HELP);
  if (positionals.length !== 1) throw new OptionError(`one peer ID is needed\n\n${HELP}`);
  return { id: number(positionals[0]), directory: values.dir, habits: habitsOf(values) };
}

function parse(words) {
  try {
    return parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new OptionError(`${error.message}\n\n${HELP}`);
  }
}

function habitsOf(values) {
  return {
    plainFolder: values['plain-folder'],
    retryDials: values['retry-dials'],
    reset: values.reset,
    liveMs: number(values['live-ms']),
    zeros: values.zeros,
    slowHandshake: values['slow-handshake'],
    split: values.split,
    emptyBitfield: values['empty-bitfield'],
    speakSecond: values['speak-second'],
    waitForAll: values['wait-for-all'],
    repeatInterested: values['repeat-interested'],
    spareHaves: values['spare-haves'],
    unchokeTwice: values['unchoke-twice'],
    earlyUnchoke: values['early-unchoke'],
    chokeOnRequest: number(values['choke-on-request']),
    pieceAfterChoke: values['piece-after-choke'],
    neverUnchoke: values['never-unchoke'],
    requestEveryMs: number(values['request-every-ms']),
    pollPerLink: values['poll-per-link'],
    requestTimeoutMs: number(values['request-timeout-ms']),
  };
}

function number(text) {
  if (!/^\d+$/.test(text)) throw new OptionError(`'${text}' is not a number`);
  return Number(text);
}
