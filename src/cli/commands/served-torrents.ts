import { basename, resolve } from 'node:path';
import { LanshareError } from '../../errors.ts';
import { buildTorrent } from '../../metainfo/create-torrent.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { torrentFileName } from '../../metainfo/torrent-name.ts';
import type { TrackerServer } from '../../tracker-server/tracker-server-api.ts';
import type { Context } from '../context.ts';
import { createdEvent } from '../output/created-event.ts';
import { hashAndTell } from './hash-and-tell.ts';
import { CREATOR, NOTHING_TO_DESCRIBE, placeTorrent } from './torrent-files.ts';
import { readTorrentWithBytes } from './torrent-input.ts';

/** What a tracker was told to serve: a content that lies here, or a .torrent that is left as it is. */
export type ServedInput =
  | { readonly kind: 'content'; readonly path: string; readonly metainfo: Metainfo }
  | {
      readonly kind: 'torrent';
      readonly path: string;
      readonly metainfo: Metainfo;
      readonly bytes: Uint8Array;
    };

/** Reads and describes them. Throws what `hashContent` and `readTorrentFile` do, or USAGE. */
export async function readServedInputs(
  context: Context,
  files: readonly string[],
): Promise<readonly ServedInput[]> {
  const inputs: ServedInput[] = [];
  // One after the other: each is hashed on all cores.
  for (const file of new Set(files)) inputs.push(await readServedInput(context, file));
  return inputs;
}

async function readServedInput(context: Context, file: string): Promise<ServedInput> {
  const { cwd } = context.host;
  if (file === '') throw new LanshareError('USAGE', 'a path is empty', 'see lanshare tracker --help');
  const path = resolve(cwd, file);
  if (file.endsWith('.torrent')) {
    const { bytes, read } = await readTorrentWithBytes(file, cwd);
    return { kind: 'torrent', path, metainfo: read.torrent.metainfo, bytes };
  }
  const metainfo = await hashAndTell(context, path);
  if (metainfo.length > 0) return { kind: 'content', path, metainfo };
  throw new LanshareError('USAGE', `${file} cannot be served: ${NOTHING_TO_DESCRIBE}`, 'leave it out');
}

/**
 * Hands out the .torrent of each. That of a content is made, with all URLs of the tracker in one tier: they are ways to one
 * tracker, and one of them is enough. It is put into the current directory, too; where that cannot be, a warning says so.
 */
export async function handOutTorrents(
  { host, reporter, version }: Context,
  inputs: readonly ServedInput[],
  server: Pick<TrackerServer, 'urls' | 'handOut'>,
): Promise<void> {
  const urls = server.urls();
  const trackers = urls.length === 0 ? [] : [urls];
  const placed = new Set<string>();
  const names = new Set<string>();
  for (const input of inputs) {
    const { metainfo } = input;
    const fileName = freeName(namesFor(input), names);
    if (input.kind === 'torrent') {
      server.handOut(fileName, input.bytes);
      continue;
    }
    const details = { trackers, createdBy: `${CREATOR} ${version}` };
    server.handOut(fileName, buildTorrent(metainfo, details));
    const place = await placeTorrent(input, host.cwd, version, placed, { trackers });
    if (place.kind === 'written') reporter.report(createdEvent(metainfo, place.path));
    else reporter.report({ event: 'warning', message: place.reason });
  }
}

/** Its own, then those that tell it from another one of that name. */
function namesFor({ kind, path, metainfo }: ServedInput): readonly string[] {
  const own = kind === 'torrent' ? basename(path) : torrentFileName(metainfo.name, metainfo.kind);
  return [own, `${metainfo.name}.torrent`, `${metainfo.infoHash}.torrent`];
}

function freeName(wanted: readonly string[], taken: Set<string>): string {
  const name = wanted.find((one) => !taken.has(one)) ?? wanted[0] ?? '';
  taken.add(name);
  return name;
}
