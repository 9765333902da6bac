import type { CommonConfig, ListedPeer } from './project.ts';

/** Common.cfg, in the order of the assignment's example. */
export function commonConfigText(common: CommonConfig): string {
  return [
    `NumberOfPreferredNeighbors ${common.preferredNeighbors}`,
    `UnchokingInterval ${common.unchokingIntervalSeconds}`,
    `OptimisticUnchokingInterval ${common.optimisticUnchokingIntervalSeconds}`,
    `FileName ${common.fileName}`,
    `FileSize ${common.fileSize}`,
    `PieceSize ${common.pieceSize}`,
    '',
  ].join('\n');
}

/** PeerInfo.cfg. */
export function peerInfoText(peers: readonly ListedPeer[]): string {
  return peers.map(({ id, host, port, hasFile }) => `${id} ${host} ${port} ${hasFile ? 1 : 0}\n`).join('');
}

/** The text of a configuration file, as editors of all systems save it: UTF-8, or UTF-16 where it says so, or Latin-1. */
export function decodeConfig(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}
