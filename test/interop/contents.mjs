import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lanshare } from './programs/lanshare.mjs';
import { makeTorrent } from './programs/libtorrent.mjs';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/**
 * What is moved, by its name: the files with their sizes, and the piece length, in bytes. Sizes are odd on purpose.
 * It is described for BitTorrent v1 where nothing else is said.
 */
const RECIPES = {
  file: { pieceLength: 256 * KiB, files: [{ path: [], length: 5 * MiB + 12_345 }] },
  'one byte': { pieceLength: 16 * KiB, files: [{ path: [], length: 1 }] },
  '16 KiB pieces': { pieceLength: 16 * KiB, files: [{ path: [], length: 2 * MiB + 1 }] },
  '16 MiB pieces': { pieceLength: 16 * MiB, files: [{ path: [], length: 40 * MiB + 16 * KiB + 7 }] },
  'many files': { pieceLength: 32 * KiB, files: manyFiles() },
  'more than 4 GiB': {
    pieceLength: 4 * MiB,
    files: [{ path: [], length: 4 * GiB + 5 * MiB + 1, sparse: true }],
  },
  'hybrid file': {
    version: 'hybrid',
    pieceLength: 64 * KiB,
    files: [{ path: [], length: 5 * MiB + 12_345 }],
  },
  'hybrid folder': { version: 'hybrid', pieceLength: 32 * KiB, files: manyFiles() },
  'v2 file': { version: 'v2', pieceLength: 64 * KiB, files: [{ path: [], length: 5 * MiB + 12_345 }] },
  'v2 folder': { version: 'v2', pieceLength: 32 * KiB, files: manyFiles() },
};

/** `v1`, `v2` or `hybrid`. */
export function versionOf(name) {
  return RECIPES[name].version ?? 'v1';
}

/** In the order in which `lanshare share` hashes them, so that its info-hash is the same. */
function manyFiles() {
  const small = Array.from({ length: 40 }, (_, index) => ({
    path: ['small', `${String(index).padStart(2, '0')}.dat`],
    length: (index * 1_237) % 9_001,
  }));
  return [
    { path: ['Grüße an 世界.txt'], length: 33_333 },
    { path: ['a folder', 'deep', 'deeper', 'inside'], length: 700_001 },
    { path: ['a folder', 'empty'], length: 0 },
    { path: ['block'], length: 16 * KiB },
    { path: ['piece'], length: 32 * KiB },
    ...small,
  ].sort((one, other) => Buffer.compare(Buffer.from(one.path.join('/')), Buffer.from(other.path.join('/'))));
}

/** The contents of the matrix below `place`, each made when it is asked for first. */
export class Contents {
  #place;
  #made = new Map();

  constructor(place) {
    this.#place = place;
  }

  /**
   * libtorrent describes it, and lanshare has to describe it the same way; but for folders of a hybrid: there libtorrent
   * 2.0.8 has padding behind the last file, too, so that each of them describes what it seeds.
   */
  get(name, seeder) {
    const isHybridFolder = versionOf(name) === 'hybrid' && RECIPES[name].files.length > 1;
    const ownWay = seeder === lanshare && isHybridFolder;
    const key = ownWay ? `${name} of lanshare` : name;
    const made =
      this.#made.get(key) ??
      make(join(this.#place, key.replaceAll(' ', '-')), name, ownWay ? lanshare.describe : makeTorrent);
    this.#made.set(key, made);
    return made;
  }
}

async function make(place, label, describe) {
  const { files, pieceLength } = RECIPES[label];
  const version = versionOf(label);
  const name = files.length === 1 ? 'content.bin' : 'content';
  const path = join(place, name);
  for (const { path: parts, length, sparse } of files) {
    await makeFile(join(path, ...parts), length, { seed: `${label}/${parts.join('/')}`, sparse });
  }
  const torrent = join(place, 'content.torrent');
  const paths = files.map((file) => file.path);
  const { v1, v2 } = await describe({ path, torrent, files: paths, pieceLength, version });
  // BEP 52: where v1 has no say, twenty bytes of v2's are what peers and trackers go by.
  const infoHash = v1 ?? v2.slice(0, 40);
  const digests = await digestsBelow(path);
  const padding = version === 'hybrid' && files.length > 1 ? paddingOf(files, pieceLength) : [];
  return {
    folder: place,
    name,
    path,
    torrent,
    pieceLength,
    version,
    infoHash,
    infoHashes: { v1, v2 },
    digests,
    padding,
  };
}

/** The padding (BEP 47) that may stand behind each file: its name below `.pad` is its size, and equal ones are one file. */
function paddingOf(files, pieceLength) {
  const sizes = files.map(({ length }) => (pieceLength - (length % pieceLength)) % pieceLength);
  return [...new Set(sizes)]
    .filter((size) => size > 0)
    .map((size) => ({ path: join('.pad', `${size}`), bytes: Buffer.alloc(size) }));
}

/** Noise; or, where it is sparse, holes with noise at both ends and around 4 GiB. */
async function makeFile(path, length, { seed, sparse = false }) {
  await mkdir(dirname(path), { recursive: true });
  const noise = createCipheriv('aes-128-ctr', createHash('md5').update(seed).digest(), Buffer.alloc(16));
  const take = (bytes) => noise.update(Buffer.alloc(bytes));
  if (!sparse) return writeFile(path, take(length));
  const file = await open(path, 'w');
  try {
    for (const place of [0, 4 * GiB - MiB, length - MiB]) await file.write(take(MiB), 0, MiB, place);
  } finally {
    await file.close();
  }
}

/**
 * Gives a seeder a folder of its own, with the same files in it, that it may put its own files into. To who does not know
 * what padding is, it is files like all others, which have to be there.
 */
export async function linkContent({ folder, name, padding }, to, { padsAreFiles = false } = {}) {
  await mkdir(to, { recursive: true });
  const source = join(folder, name);
  for (const path of await filesBelow(source)) {
    await mkdir(dirname(join(to, name, path)), { recursive: true });
    await link(join(source, path), join(to, name, path));
  }
  if (!padsAreFiles) return;
  for (const { path, bytes } of padding) {
    await mkdir(dirname(join(to, name, path)), { recursive: true });
    await writeFile(join(to, name, path), bytes);
  }
}

/** The same .torrent with trackers, a tier each: its info dictionary, and so its info-hash, stays as it is. */
export async function addTrackers(torrent, urls, to) {
  const bytes = await readFile(torrent);
  const strings = urls.map((url) => `${url.length}:${url}`);
  const tiers = strings.map((url) => `l${url}e`).join('');
  // These keys sort before all others that stand there.
  const keys = `8:announce${strings[0]}${urls.length > 1 ? `13:announce-listl${tiers}e` : ''}`;
  await writeFile(to, Buffer.concat([Buffer.from(`d${keys}`), bytes.subarray(1)]));
}

const sha1 = (bytes) => createHash('sha1').update(bytes).digest('hex');
const DIGEST_OF_NOTHING = sha1('');

/** Throws unless below `path` lies what the content is, and nothing else. */
export async function expectSame(
  { digests, padding },
  path,
  { omitsEmptyFiles = false, padsAreFiles = false } = {},
) {
  const arrived = await digestsBelow(path);
  for (const { path: name, bytes } of padsAreFiles ? padding : []) {
    if (arrived.get(name) === sha1(bytes)) arrived.delete(name);
  }
  for (const [name, digest] of digests) {
    if (omitsEmptyFiles && digest === DIGEST_OF_NOTHING) continue;
    if (!arrived.has(name)) throw new Error(`'${name}' is missing in what arrived`);
    if (arrived.get(name) !== digest) throw new Error(`'${name}' arrived with other bytes`);
  }
  const added = [...arrived.keys()].find((name) => !digests.has(name));
  if (added !== undefined) throw new Error(`'${added}' arrived, which nobody has offered`);
}

async function digestsBelow(path) {
  const digests = new Map();
  for (const name of await filesBelow(path)) digests.set(name, await digestOf(join(path, name)));
  return digests;
}

/** Paths below `path`; of a file, the empty path. */
async function filesBelow(path) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) return [''];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

async function digestOf(path) {
  const hash = createHash('sha1');
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * MiB })) hash.update(chunk);
  return hash.digest('hex');
}
