import type { WantedFiles } from '../../metainfo/choose-files.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Layout } from '../layout.ts';
import type { FilePlaces } from './file-places.ts';
import type { PartFiles } from './part-files.ts';
import type { PartLock } from './part-lock.ts';
import type { PartNames } from './part-names.ts';
import type { PartRoot } from './part-root.ts';
import type { ResumeJournal } from './resume-journal.ts';
import type { VerifiedPieces } from './verified-pieces.ts';

/** What `openPart` has opened; the store closes it. */
export interface OpenedPart {
  readonly metainfo: Metainfo;
  /** Undefined for all. */
  readonly wanted?: WantedFiles | undefined;
  readonly names: PartNames;
  /** What bears the final name gives way to it. */
  readonly replaces: boolean;
  readonly layout: Layout;
  readonly root: PartRoot;
  readonly places: FilePlaces;
  /** Who owns what this process creates. */
  readonly owner: bigint;
  readonly files: PartFiles;
  readonly journal: ResumeJournal;
  readonly lock: PartLock;
  readonly verified: VerifiedPieces;
  readonly clock: Clock;
  readonly logger: Logger;
}
