import { MAX_LISTED_PEERS } from '../../limits.ts';
import { type ConfigPlace, configFault, quoted } from './config-fault.ts';
import { configLines, withoutComment } from './config-lines.ts';
import { hostAsWritten, isHost, sameHostKey } from './host-name.ts';
import { type ListedPeer, type ListedPeerId, listedPeerId } from './project.ts';
import { wholeNumber } from './whole-number.ts';

/** @throws LanshareError BAD_CONFIG with file and line. */
export function parsePeerInfo(text: string, file = 'PeerInfo.cfg'): readonly ListedPeer[] {
  const lines = peerLines(text, file);
  refuseRepeated(lines, {
    key: ({ id }) => id,
    words: ({ id }) => `peer ${id}`,
    hint: 'give each peer an ID of its own',
  });
  refuseRepeated(lines, {
    key: ({ host, port }) => `${sameHostKey(host)} ${port}`,
    words: ({ host, port }) => `port ${port} of ${quoted(host)}`,
    hint: 'give each peer of a host a port of its own',
  });
  const peers = lines.map(({ peer }) => peer);
  refuseNobody(peers, { file, line: undefined });
  return peers;
}

interface PeerLine {
  readonly peer: ListedPeer;
  readonly place: ConfigPlace;
}

function peerLines(text: string, file: string): readonly PeerLine[] {
  const lines: PeerLine[] = [];
  for (const { number, text: line } of configLines(text)) {
    const place = { file, line: number };
    if (lines.length === MAX_LISTED_PEERS) {
      throw configFault(place, `there are more than ${MAX_LISTED_PEERS} peers`, 'list fewer peers');
    }
    const columns = withoutComment(line);
    if (columns !== '') lines.push({ peer: parsePeer(columns, place), place });
  }
  return lines;
}

const EXAMPLE = 'a line is: ID HOST PORT 0|1, such as "1001 localhost 6001 1"';

function parsePeer(text: string, place: ConfigPlace): ListedPeer {
  const columns = text.split(/\s+/);
  const [id = '', host = '', port = '', hasFile = ''] = columns;
  if (columns.length !== 4) {
    throw configFault(place, `a line has 4 columns, this one has ${columns.length}`, EXAMPLE);
  }
  return {
    id: peerId(id, place),
    host: hostName(host, place),
    port: wholeNumber(port, { name: 'the port', min: 1, max: 65_535, unit: '' }, place),
    hasFile: hasFileColumn(hasFile, place),
  };
}

function peerId(text: string, place: ConfigPlace): ListedPeerId {
  const value = wholeNumber(text, { name: 'the ID', min: 0, max: 2 ** 32 - 1, unit: '' }, place);
  const id = listedPeerId(value);
  if (id === undefined) throw configFault(place, `${quoted(text)} is no ID of a peer`, EXAMPLE);
  return id;
}

function hostName(text: string, place: ConfigPlace): string {
  const host = hostAsWritten(text);
  if (isHost(host)) return host;
  throw configFault(place, `${quoted(text)} is no host name and no IP address`, EXAMPLE);
}

function hasFileColumn(text: string, place: ConfigPlace): boolean {
  if (text === '1' || text === '0') return text === '1';
  throw configFault(
    place,
    `the last column is ${quoted(text)}, neither 0 nor 1`,
    'write 1 for a peer that has the file at the start, otherwise 0',
  );
}

/** Something of which each peer has its own. */
interface OwnRule {
  key(peer: ListedPeer): string | number;
  /** How it is called in a sentence. */
  words(peer: ListedPeer): string;
  readonly hint: string;
}

function refuseRepeated(lines: readonly PeerLine[], { key, words, hint }: OwnRule): void {
  const places = new Map<string | number, ConfigPlace>();
  for (const { peer, place } of lines) {
    const earlier = places.get(key(peer));
    if (earlier !== undefined) {
      throw configFault(place, `${words(peer)} stands in line ${earlier.line} already`, hint);
    }
    places.set(key(peer), place);
  }
}

function refuseNobody(peers: readonly ListedPeer[], place: ConfigPlace): void {
  if (peers.length === 0) throw configFault(place, 'no peer is listed', EXAMPLE);
  if (!peers.some((peer) => peer.hasFile)) {
    throw configFault(place, 'no peer has the file', 'end the line of the peer that has it with 1');
  }
}
