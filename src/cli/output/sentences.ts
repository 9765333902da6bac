import { printableName } from '../../metainfo/printable-name.ts';
import { isClassroomEvent } from './classroom/classroom-events.ts';
import { classroomSentences } from './classroom/classroom-sentences.ts';
import type {
  Ambiguous,
  CliEvent,
  Created,
  Done,
  PeerChange,
  Seeded,
  Sharing,
  TrackerEntry,
} from './events.ts';
import { count, formatBytes, formatPercent, formatPieceLength, formatRate, formatSeconds } from './format.ts';
import { shownPath } from './paths.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';
import { trackerListening } from './tracker-server/tracker-sentences.ts';
import type { Wording } from './wording.ts';

/** The lines that stay: what a person should know of an event, with nothing a terminal would act on. */
export function sentences(event: CliEvent, wording: Wording): readonly string[] {
  if (isClassroomEvent(event)) return classroomSentences(event, wording);
  const { style, cwd } = wording;
  switch (event.event) {
    case 'sharing':
      return sharing(event, wording);
    case 'warning':
      return [`warning: ${printableName(event.message)}`];
    case 'resuming':
      return [
        `going on where it stopped: ${formatPercent(event.bytesDone, event.bytesTotal)} is here already`,
      ];
    case 'peer':
      return peer(event);
    case 'trackers':
      return event.trackers.flatMap(tracker);
    case 'done':
      return [done(event, cwd), ...remains(event, cwd)];
    case 'created':
      return created(event, cwd);
    case 'seeding':
      return ['still serving others; Ctrl-C stops'];
    case 'seeded':
      return [seeded(event)];
    case 'stopped':
      return [`stopped; ${formatBytes(event.uploadedBytes)} sent`];
    case 'ambiguous':
      return ambiguous(event, style);
    case 'withdrawn':
    case 'error':
      return fault(event, style);
    case 'diagnosis':
      return [printableName(event.message)];
    case 'listening':
      return event.urls.length > 0 ? trackerListening(event) : [];
    case 'store':
      return [printableName(event.message)];
    case 'matched':
    case 'tracker-stats':
    case 'hashing':
    case 'searching':
    case 'resolved':
    case 'progress':
    case 'content':
    case 'torrent':
    case 'verifying':
    case 'verified':
    case 'appeared':
    case 'updated':
    case 'gone':
    case 'interface':
    case 'node':
    case 'named':
    case 'port':
    case 'dropped':
      return [];
  }
}

/** What even --quiet shows. */
export function isFault(event: CliEvent): boolean {
  return event.event === 'error' || event.event === 'withdrawn' || event.event === 'ambiguous';
}

function sharing(event: Sharing, { style, cwd }: Wording): readonly string[] {
  const { name, size, pieces, pieceLength, infoHash, torrent, command, address } = event;
  const inPieces = `${count(pieces, 'piece')} of ${formatPieceLength(pieceLength)}`;
  return [
    `sharing ${printableName(name)}: ${formatBytes(size)}, ${inPieces}, info-hash ${infoHash}`,
    `  on the other machine:  ${style.command(command)}`,
    ...(address === null || command.includes('--peer')
      ? []
      : [`  if it finds nobody:    add --peer ${address}`]),
    ...(torrent === null ? [] : [`  described in ${shownPath(torrent, cwd)}`]),
  ];
}

function created(event: Created, cwd: string): readonly string[] {
  const { torrent, size, pieces, pieceLength, infoHash, infoHashV2, version } = event;
  const inPieces = `${count(pieces, 'piece')} of ${formatPieceLength(pieceLength)}`;
  return [
    `created ${shownPath(torrent, cwd)}: ${formatBytes(size)}, ${inPieces}, ${version}`,
    ...(version === 'v2' ? [] : [`  info-hash v1 ${infoHash}`]),
    ...(infoHashV2 === null ? [] : [`  info-hash v2 ${infoHashV2}`]),
  ];
}

function peer({ state, address, reason }: PeerChange): readonly string[] {
  if (state !== 'banned') return [];
  return [`peer ${address} was dropped: ${printableName(reason ?? 'it sent wrong data')}`];
}

function tracker(entry: TrackerEntry): readonly string[] {
  const { url, state, message, seeders, leechers, interval, peersReceived } = entry;
  const name = `tracker ${printableName(url)}`;
  const remark = message === null ? [] : [printableName(message)];
  switch (state) {
    case 'waiting':
      return [];
    case 'failed':
      return [`${name}: ${['failed', ...remark].join(': ')}`];
    case 'working': {
      const counts = [
        ...(seeders === null ? [] : [count(seeders, 'seeder')]),
        ...(leechers === null ? [] : [count(leechers, 'leecher')]),
        `${count(peersReceived, 'peer')} received`,
        ...(interval === null ? [] : [`asked again in ${formatSeconds(interval)}`]),
      ];
      return [`${name}: ${[...counts, ...remark].join(', ')}`];
    }
  }
}

function done(event: Done, cwd: string): string {
  const what = event.path === null ? printableName(event.name) : shownPath(event.path, cwd);
  const hash = `info-hash ${event.infoHash}`;
  if (event.alreadyThere) return `${what} is here already, identical: ${formatBytes(event.bytes)}, ${hash}`;
  const { bytes, downloadedBytes, seconds } = event;
  const size =
    downloadedBytes < bytes
      ? `${formatBytes(bytes)} (${formatBytes(downloadedBytes)} now)`
      : formatBytes(bytes);
  const rate = seconds > 0 ? ` (${formatRate(downloadedBytes / seconds)})` : '';
  return `fetched ${what}: ${size} in ${formatSeconds(seconds)}${rate} from ${count(event.peers, 'peer')}, ${hash}`;
}

function remains({ remains: kept }: Done, cwd: string): readonly string[] {
  if (kept === null) return [];
  return [`  ${shownPath(kept, cwd)} keeps pieces that have bytes of other files, too, for a later fetch`];
}

function seeded({ name, reached, uploadedBytes, ratio }: Seeded): string {
  const times = ratio === null ? '' : `, ${ratio.toFixed(2)} times its size`;
  const why = reached === 'time' ? 'its time is over' : 'it was served as often as asked';
  return `no longer serving ${printableName(name)}: ${why}; ${formatBytes(uploadedBytes)} sent${times}`;
}

function ambiguous({ name, contents }: Ambiguous, style: Style): readonly string[] {
  const rows = contents.map((content) => [
    `  ${printableName(content.name)}`,
    formatBytes(content.size),
    count(content.holders.length, 'holder'),
    style.command(`lanshare fetch ${content.infoHash}`),
  ]);
  return [`"${printableName(name)}" means ${contents.length} different contents:`, ...tableLines(rows)];
}

function fault({ message, hint }: { message: string; hint: string }, style: Style): readonly string[] {
  const sentence = `${style.fault('lanshare:')} ${printableName(message)}`;
  return hint === '' ? [sentence] : [sentence, `  ${printableName(hint)}`];
}
