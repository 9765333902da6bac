import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonWithLibtorrent } from '../lan/libtorrent.ts';

/** Undefined where it is not installed; then its tests are left out, unless this machine must run them. */
export const libtorrentPython = pythonWithLibtorrent();
if (libtorrentPython === undefined && process.env['CI_REQUIRES_LAN'] === '1')
  throw new Error('the comparison with libtorrent must run here, but python3-libtorrent is not installed');

/** A .torrent as libtorrent understands it. */
export interface SeenByLibtorrent {
  readonly v1: string;
  readonly v2: string;
  readonly files: readonly (readonly [path: string, length: number])[];
  readonly pieces: number;
  readonly trackers: readonly (readonly [url: string, tier: number])[];
  readonly webSeeds: readonly string[];
  readonly private: boolean;
  readonly comment: string;
}

const LOAD = `
import libtorrent, json, sys
ti = libtorrent.torrent_info(sys.argv[1])
hashes, files = ti.info_hashes(), ti.files()
print(json.dumps({
  'v1': str(hashes.v1) if hashes.has_v1() else '',
  'v2': str(hashes.v2) if hashes.has_v2() else '',
  'files': [[files.file_path(i), files.file_size(i)] for i in range(files.num_files())
            if not files.file_flags(i) & libtorrent.file_flags_t.flag_pad_file],
  'pieces': ti.num_pieces(),
  'trackers': [[t.url, t.tier] for t in ti.trackers()],
  'webSeeds': [seed['url'] for seed in ti.web_seeds()],
  'private': ti.priv(),
  'comment': ti.comment(),
}))
`;

const CREATE = `
import libtorrent, sys, os
flags = libtorrent.create_torrent
source, kind, piece_length = sys.argv[1], sys.argv[2], int(sys.argv[3])
storage = libtorrent.file_storage()
libtorrent.add_files(storage, source)
wanted = {'v1': flags.v1_only, 'v2': flags.v2_only, 'hybrid': flags.canonical_files_no_tail_padding}[kind]
torrent = libtorrent.create_torrent(storage, piece_length, wanted)
libtorrent.set_piece_hashes(torrent, os.path.dirname(source))
sys.stdout.buffer.write(libtorrent.bencode(torrent.generate()))
`;

/** Throws where libtorrent refuses it. */
export function loadWithLibtorrent(torrent: Uint8Array): SeenByLibtorrent {
  const folder = mkdtempSync(join(tmpdir(), 'lanshare-libtorrent-'));
  try {
    writeFileSync(join(folder, 'it.torrent'), torrent);
    return JSON.parse(python(LOAD, join(folder, 'it.torrent')).toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The .torrent that libtorrent makes of a file or folder. */
export function createWithLibtorrent(
  path: string,
  version: 'v1' | 'v2' | 'hybrid',
  pieceLength: number,
): Uint8Array {
  return python(CREATE, path, version, String(pieceLength));
}

function python(program: string, ...args: string[]): Buffer {
  return execFileSync(libtorrentPython ?? 'python3', ['-c', program, ...args], {
    maxBuffer: 32 * 1024 * 1024,
  });
}
