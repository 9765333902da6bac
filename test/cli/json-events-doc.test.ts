import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CliEvent } from '../../src/cli/output/events.ts';
import type { Cause } from '../../src/diagnosis/cause.ts';
import { type ErrorCode, LanshareError } from '../../src/errors.ts';

const document = readFileSync(new URL('../../docs/JSON-EVENTS.md', import.meta.url), 'utf8');

/** The compiler holds these lists complete: an event or key that is missing or unknown does not compile. */
type Keys<E> = { [Key in Exclude<keyof E, 'event'>]: true };
type AllKeys = { [E in CliEvent as E['event']]: Keys<E> };

const KEYS: AllKeys = {
  listening: { port: true, interfaces: true, urls: true },
  hashing: { path: true, bytesDone: true, bytesTotal: true, cached: true },
  sharing: {
    name: true,
    infoHash: true,
    infoHashV2: true,
    version: true,
    size: true,
    pieces: true,
    pieceLength: true,
    torrent: true,
    port: true,
    path: true,
    command: true,
    address: true,
  },
  warning: { message: true },
  withdrawn: { infoHash: true, path: true, code: true, message: true, hint: true },
  searching: { target: true, interfaces: true, problems: true },
  resolved: { infoHash: true, name: true, size: true, pieces: true, pieceLength: true },
  resuming: { infoHash: true, bytesDone: true, bytesTotal: true },
  ambiguous: { name: true, contents: true },
  peer: { infoHash: true, peerId: true, address: true, state: true, reason: true },
  trackers: { infoHash: true, trackers: true },
  progress: {
    infoHash: true,
    name: true,
    bytesDone: true,
    bytesTotal: true,
    downBytesPerSecond: true,
    upBytesPerSecond: true,
    uploadedBytes: true,
    peers: true,
    etaSeconds: true,
  },
  done: {
    infoHash: true,
    name: true,
    path: true,
    bytes: true,
    downloadedBytes: true,
    seconds: true,
    peers: true,
    alreadyThere: true,
    remains: true,
  },
  seeding: { infoHash: true, name: true },
  seeded: { infoHash: true, name: true, reached: true, uploadedBytes: true, ratio: true },
  stopped: { uploadedBytes: true },
  content: { name: true, infoHash: true, size: true, pieces: true, holders: true },
  appeared: { name: true, infoHash: true, size: true, pieces: true, holder: true },
  updated: { name: true, infoHash: true, size: true, pieces: true, holder: true },
  gone: { infoHash: true, peerId: true },
  created: {
    name: true,
    infoHash: true,
    infoHashV2: true,
    version: true,
    size: true,
    pieces: true,
    pieceLength: true,
    torrent: true,
  },
  torrent: {
    name: true,
    infoHash: true,
    infoHashV2: true,
    version: true,
    kind: true,
    size: true,
    pieces: true,
    pieceLength: true,
    private: true,
    trackers: true,
    webSeeds: true,
    comment: true,
    createdBy: true,
    creationDate: true,
    files: true,
  },
  verifying: { path: true, bytesDone: true, bytesTotal: true },
  verified: {
    path: true,
    infoHash: true,
    matches: true,
    piecesGood: true,
    piecesTotal: true,
    badFiles: true,
  },
  interface: {
    name: true,
    kind: true,
    addresses: true,
    used: true,
    multicastIpv4: true,
    multicastIpv6: true,
    broadcast: true,
    sendError: true,
  },
  node: { peerId: true, addresses: true, here: true, paths: true, groups: true, dialled: true },
  named: { address: true, dialled: true },
  port: { port: true, udp: true, groupPort: true, dialled: true, by: true, clockAheadSeconds: true },
  dropped: { path: true, reason: true, count: true },
  diagnosis: { cause: true, healthy: true, message: true, remarks: true },
  matched: { infoHash: true, name: true, peer: true, with: true },
  store: { state: true, message: true },
  'tracker-stats': {
    uptimeSeconds: true,
    contents: true,
    peers: true,
    seeders: true,
    announces: true,
    scrapes: true,
    connects: true,
    matches: true,
    refused: true,
    store: true,
    memoryBytes: true,
  },
  'peer-listening': { peer: true, port: true, log: true, listed: true },
  'peer-connected': { peer: true, with: true, dialed: true },
  'peer-disconnected': { peer: true, with: true, reason: true },
  'peer-refused': { peer: true, address: true, reason: true },
  'peer-preferred': { peer: true, neighbors: true },
  'peer-optimistic': { peer: true, neighbor: true },
  'peer-progress': {
    peer: true,
    piecesDone: true,
    piecesTotal: true,
    bytesDone: true,
    bytesTotal: true,
    downBytesPerSecond: true,
    upBytesPerSecond: true,
  },
  'peer-complete': { peer: true, path: true },
  'peer-note': { peer: true, message: true },
  'all-complete': { peer: true, seconds: true },
  'peer-started': { peer: true, host: true, port: true, here: true, hasFile: true },
  'peer-exited': { peer: true, exitCode: true, code: true, message: true, hint: true },
  'peers-ended': {
    complete: true,
    incomplete: true,
    bytes: true,
    seconds: true,
    bytesPerSecond: true,
    command: true,
  },
  project: {
    directory: true,
    name: true,
    size: true,
    pieceSize: true,
    pieces: true,
    peers: true,
    command: true,
  },
  rule: {
    rule: true,
    weight: true,
    outcome: true,
    message: true,
    remark: true,
    breachCount: true,
    breaches: true,
    notes: true,
  },
  'peer-log': {
    peer: true,
    end: true,
    lines: true,
    fromLine: true,
    piecesDownloaded: true,
    sources: true,
    seconds: true,
    bytesPerSecond: true,
  },
  rules: { kept: true, broken: true, unknown: true, adviceBroken: true, remarks: true },
  probing: { step: true, steps: true, name: true },
  error: { code: true, exitCode: true, message: true, hint: true },
};

const CAUSES: { [C in Cause]: true } = {
  fine: true,
  'broadcast only': true,
  'unicast only': true,
  'no interface': true,
  'only loopback': true,
  'interface left out': true,
  'only tunnel or bridge': true,
  'group port taken': true,
  'own port taken': true,
  'cannot send': true,
  'own datagrams not heard': true,
  'named peer silent': true,
  alone: true,
  'others do not answer': true,
  'own port not reachable': true,
};

/** The section of an event: its example and the first cells of its table. */
function section(event: string): { readonly example: unknown; readonly keys: readonly string[] } {
  const text = document.split(`\n## \`${event}\`\n`)[1]?.split('\n## ')[0] ?? '';
  const example: unknown = JSON.parse(/```json\n(.*)\n```/.exec(text)?.[1] ?? 'null');
  const keys = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, key = '']) => key);
  return { example, keys };
}

describe('docs/JSON-EVENTS.md', () => {
  it.each(Object.entries(KEYS))('describes every key of %s, with an example', (event, keys) => {
    const { example, keys: described } = section(event);
    expect(described).toEqual(Object.keys(keys));
    expect(Object.keys(example as object)).toEqual(['event', ...Object.keys(keys)]);
  });

  it('names every cause of a diagnosis, and no other', () => {
    const paragraph = /\nHealthy: ([\s\S]*?)\n\n/.exec(document)?.[1] ?? '';
    const named = [...paragraph.matchAll(/`([a-z ]+)`/g)].map(([, cause]) => cause);
    expect(named.toSorted()).toEqual(Object.keys(CAUSES).toSorted());
  });

  it('describes no event that does not exist', () => {
    const described = [...document.matchAll(/^## `([\w-]+)`$/gm)].map(([, event]) => event);
    expect(described).toEqual(Object.keys(KEYS));
  });

  it('names every error code beside its exit code', () => {
    const rows = [...document.matchAll(/^\| (\d+) +\| (.*?) +\|/gm)];
    const codes = rows.flatMap(([, exitCode, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => [code, Number(exitCode)] as const),
    );
    for (const [code, exitCode] of codes) {
      expect(new LanshareError(code as ErrorCode, '').exitCode).toBe(exitCode);
    }
    const source = readFileSync(new URL('../../src/errors.ts', import.meta.url), 'utf8');
    const all = [...source.matchAll(/^ {2}([A-Z_]+): \d+,$/gm)].map(([, code]) => code);
    expect(codes.map(([code]) => code)).toEqual(all);
  });
});
