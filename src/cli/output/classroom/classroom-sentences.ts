import { printableName } from '../../../metainfo/printable-name.ts';
import { count, formatBytes, formatRate, formatSeconds } from '../format.ts';
import { shownPath } from '../paths.ts';
import type { Wording } from '../wording.ts';
import type { ClassroomCliEvent, ProjectWritten } from './classroom-events.ts';
import type { PeerExited, PeersEnded } from './group-events.ts';

/** The lines that stay. Who is preferred changes every few seconds; that is for the prescribed log. */
export function classroomSentences(event: ClassroomCliEvent, wording: Wording): readonly string[] {
  switch (event.event) {
    case 'peer-listening':
      return [
        `peer ${event.peer} listens on port ${event.port}; its log is ${shownPath(event.log, wording.cwd)}`,
      ];
    case 'peer-connected':
      return [`${event.peer} ${event.dialed ? 'is connected to' : 'is connected from'} ${event.with}`];
    case 'peer-disconnected':
      return [`${event.peer} is no longer connected to ${event.with}: ${printableName(event.reason)}`];
    case 'peer-refused':
      return [`${event.peer} refused ${printableName(`${event.address}: ${event.reason}`)}`];
    case 'peer-complete':
      return [`${event.peer} has the whole file: ${shownPath(event.path, wording.cwd)}`];
    case 'peer-note':
      return [`${event.peer}: ${printableName(event.message)}`];
    case 'all-complete':
      return [`all peers have the file; ${event.peer} ends after ${formatSeconds(event.seconds)}`];
    case 'peer-started':
      return event.here
        ? []
        : [`${event.peer} is on another machine, ${printableName(event.host)}, and is started there`];
    case 'peer-exited':
      return exited(event);
    case 'peers-ended':
      return ended(event, wording);
    case 'project':
      return written(event, wording);
    case 'peer-preferred':
    case 'peer-optimistic':
    case 'peer-progress':
    case 'rule':
    case 'peer-log':
    case 'rules':
    case 'probing':
      return [];
  }
}

function exited({ peer, message, hint }: PeerExited): readonly string[] {
  if (message === null) return [];
  return [`${peer} ended: ${printableName(message)}`, ...(hint === '' ? [] : [`  ${printableName(hint)}`])];
}

function ended(event: PeersEnded, { style }: Wording): readonly string[] {
  const { complete, incomplete, bytes, seconds, bytesPerSecond, command } = event;
  const all = complete.length + incomplete.length;
  const who = incomplete.length === 0 ? '' : `; without it: ${incomplete.join(', ')}`;
  const moved =
    bytes === 0
      ? ''
      : `: ${formatBytes(bytes)} received in ${formatSeconds(seconds)} (${formatRate(bytesPerSecond)})`;
  return [
    `${complete.length} of ${count(all, 'peer')} here have the file${moved}${who}`,
    `  whether the logs obey the rules:  ${style.command(command)}`,
  ];
}

function written(event: ProjectWritten, { style, cwd }: Wording): readonly string[] {
  const { directory, name, size, pieces, pieceSize, peers, command } = event;
  const seeders = peers.filter(({ hasFile }) => hasFile).map(({ peer }) => peer);
  const where = directory === cwd ? '' : ` in ${shownPath(directory, cwd)}`;
  return [
    `wrote Common.cfg and PeerInfo.cfg${where}: ${count(peers.length, 'peer')}, ` +
      `${printableName(name)} of ${formatBytes(size)} in ${count(pieces, 'piece')} of ${pieceSize} bytes`,
    `  ${seeders.join(', ')} ${seeders.length === 1 ? 'has' : 'have'} the file`,
    `  run all of them:  ${style.command(command)}`,
  ];
}
