import { execFileSync } from 'node:child_process';
import { libtorrentPython } from './libtorrent.ts';

/** What libtorrent makes of a .torrent. */
export interface Judgement {
  readonly loads: boolean;
  /** Empty where it loads. */
  readonly fault: string;
  /** Path and size of each file that is neither padding nor a link, of fifty at most. */
  readonly files: readonly (readonly [path: string, length: number])[];
}

const JUDGE = `
import libtorrent, json, sys, base64
flags = libtorrent.file_flags_t
for line in sys.stdin:
  files, fault = [], ''
  try:
    info = libtorrent.load_torrent_buffer(base64.b64decode(line)).ti
    if info:
      all = info.files()
      files = [[all.file_path(i), all.file_size(i)] for i in range(all.num_files())
               if not all.file_flags(i) & (flags.flag_pad_file | flags.flag_symlink)][:50]
  except Exception as error:
    fault = str(error)
  print(json.dumps({'loads': fault == '', 'fault': fault, 'files': files}))
`;

/** In one process, as many as there are. */
export function judgeWithLibtorrent(torrents: readonly Uint8Array[]): readonly Judgement[] {
  const input = torrents.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join('');
  const output = execFileSync(libtorrentPython ?? 'python3', ['-c', JUDGE], {
    input,
    maxBuffer: 256 * 1024 * 1024,
  });
  return output
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
