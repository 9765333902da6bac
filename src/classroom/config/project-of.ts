import { LanshareError } from '../../errors.ts';
import { parseCommonConfig } from './parse-common.ts';
import { parsePeerInfo } from './parse-peer-info.ts';
import type { ListedPeer, Project } from './project.ts';

/** What both files say, and what in them is tolerated but worth a word. */
export interface ParsedProject {
  readonly project: Project;
  /** A sentence each: `Common.cfg line 7: "Speed" is no key of this file and is left out`. */
  readonly notes: readonly string[];
}

/** @throws LanshareError BAD_CONFIG with file and line. */
export function projectOf(commonText: string, peerInfoText: string): ParsedProject {
  const { common, notes } = parseCommonConfig(commonText);
  return { project: { common, peers: parsePeerInfo(peerInfoText) }, notes };
}

/** @throws LanshareError BAD_CONFIG where nobody has this ID; the hint lists who is there. */
export function peerIn({ peers }: Project, id: number): ListedPeer {
  const peer = peers.find((listed) => listed.id === id);
  if (peer !== undefined) return peer;
  throw new LanshareError(
    'BAD_CONFIG',
    `PeerInfo.cfg lists no peer ${id}`,
    `it lists ${peers.map((listed) => listed.id).join(', ')}`,
  );
}
