/** The programmatic interface of lanshare. */
export { type ErrorCode, type ExitCode, LanshareError } from './errors.ts';
export type { PeerId } from './holdings/holding.ts';
export { type FileChoice, parseFileChoice } from './metainfo/choose-files.ts';
export {
  type InfoHash,
  isInfoHash,
  type Metainfo,
  type MetainfoFile,
  type Torrent,
  type TorrentVersion,
} from './metainfo/metainfo.ts';
export { parseTorrent } from './metainfo/parse-torrent.ts';
export type {
  FetchOptions,
  FetchResult,
  FetchTarget,
  HolderChange,
  LanshareNode,
  ListedHolder,
  Listing,
  NodeEvent,
  NodeOptions,
  SeedGoal,
  SeedOptions,
  SeedPolicy,
  Share,
  ShareOptions,
} from './node/api.ts';
export { createNode } from './node/create-node.ts';
export type { Endpoint } from './platform/endpoint.ts';
export { createTrackerServer } from './tracker-server/tracker-server.ts';
export type {
  TrackedContent,
  TrackerServer,
  TrackerServerEvent,
  TrackerServerOptions,
  TrackerStats,
} from './tracker-server/tracker-server-api.ts';
