import type { ListedPeerId } from '../../classroom/config/project.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { OutputFlags } from './output-flags.ts';

/** What `lanshare peer` is asked for. */
export type PeerInvocation =
  | { readonly command: 'peer'; readonly id: ListedPeerId; readonly options: PeerFlags }
  | { readonly command: 'peer --all'; readonly options: PeerFlags }
  | { readonly command: 'peer init'; readonly options: PeerInitFlags }
  | {
      readonly command: 'peer check';
      /** Undefined is the current one. */
      readonly directory: string | undefined;
      readonly options: OutputFlags;
    }
  | { readonly command: 'peer probe'; readonly target: Endpoint; readonly options: PeerProbeFlags };

/** Of what works on a project that is there. */
interface ProjectFlags extends OutputFlags {
  /** The folder with Common.cfg and PeerInfo.cfg. */
  readonly dir?: string;
}

export interface PeerFlags extends ProjectFlags {
  readonly all?: boolean;
  /** Milliseconds. */
  readonly wait?: number;
  readonly endWithStdin?: boolean;
}

export interface PeerInitFlags extends ProjectFlags {
  readonly peers: number;
  readonly file: string;
  readonly seeders?: number;
  /** Bytes. */
  readonly pieceSize?: number;
  readonly neighbors?: number;
  /** Milliseconds, whole seconds. */
  readonly unchokingInterval?: number;
  readonly optimisticInterval?: number;
  readonly host?: string;
}

export interface PeerProbeFlags extends ProjectFlags {
  /** Who the probe says it is. */
  readonly as?: ListedPeerId;
}
