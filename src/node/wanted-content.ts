import { LanshareError } from '../errors.ts';
import { chooseFiles, type WantedFiles } from '../metainfo/choose-files.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import type { FetchRun } from './fetch-run.ts';
import type { Target } from './join-swarm.ts';
import type { ByteRange } from './stream-in-order.ts';

/** What is to be fetched of a content, and where it goes. */
export interface WantedContent {
  readonly metainfo: Metainfo;
  /** Undefined for all files. */
  readonly files: WantedFiles | undefined;
  /** The folder that it goes into. */
  readonly out: string;
}

/** What the user chose counts, then what the link chooses. Throws USAGE where one of its entries matches nothing. */
export function wantedContent(
  { options }: FetchRun,
  { select }: Target,
  metainfo: Metainfo,
  out: string,
): WantedContent {
  const choice = options.select ?? select;
  const wanted = { metainfo, files: choice === undefined ? undefined : chooseFiles(metainfo, choice), out };
  if (options.sink !== undefined) onlyFile(wanted);
  return wanted;
}

/** The bytes of the one file that is wanted. Throws USAGE where several are. */
export function onlyFile({ metainfo, files }: WantedContent): ByteRange {
  const [only, another] = metainfo.files.filter(
    ({ padding }, position) => !padding && files?.has(position) !== false,
  );
  if (only !== undefined && another === undefined) return only;
  throw new LanshareError(
    'USAGE',
    `${metainfo.name} is a folder: only a single file can go to stdout`,
    'leave out --stdout, or choose one of its files with --select',
  );
}
