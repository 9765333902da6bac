import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const MiB = 1024 * 1024;
const CHUNK_BYTES = 8 * MiB;

/** Bytes that do not compress and are the same every time: AES-CTR over zeros. */
class Noise {
  #cipher;

  constructor(seed) {
    this.#cipher = createCipheriv('aes-128-ctr', createHash('md5').update(seed).digest(), Buffer.alloc(16));
  }

  take(bytes) {
    return this.#cipher.update(Buffer.alloc(bytes));
  }
}

/** Writes a file of `bytes` bytes of noise. */
export async function makeFile(path, bytes, seed = 'file') {
  const noise = new Noise(seed);
  const file = await open(path, 'w');
  for (let left = bytes; left > 0; left -= CHUNK_BYTES)
    await file.write(noise.take(Math.min(left, CHUNK_BYTES)));
  await file.close();
}

/** Writes `count` small files, 7 kB on average, a hundred to a folder, every tenth executable. Returns their bytes. */
export async function makeFolder(path, count) {
  const noise = new Noise('folder');
  let total = 0;
  for (let number = 0; number < count; number++) {
    const name = join(path, `part-${Math.floor(number / 100)}`, `file-${number}.dat`);
    const bytes = noise.take(2).readUInt16LE() % 14_000;
    await mkdir(dirname(name), { recursive: true });
    await writeFile(name, noise.take(bytes));
    if (number % 10 === 0) await chmod(name, 0o755);
    total += bytes;
  }
  return total;
}

/** Rejects unless both paths hold the same: files, their bytes and executable bits. */
export async function expectSame(one, other) {
  const [left, right] = [await describe(one), await describe(other)];
  for (const [name, text] of left) {
    if (right.get(name) !== text) throw new Error(`${join(other, name)} is not what ${join(one, name)} is`);
  }
  if (left.size !== right.size) throw new Error(`${other} holds files that ${one} does not hold`);
}

/** Digest and executable bit of each file, by its path below `root`. */
async function describe(root) {
  const kinds = await stat(root);
  if (!kinds.isDirectory()) return new Map([['', await digestOfLarge(root)]]);
  const files = new Map();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const digest = createHash('sha1')
      .update(await readFile(path))
      .digest('hex');
    files.set(path.slice(root.length), `${digest} ${((await stat(path)).mode & 0o100) !== 0}`);
  }
  return files;
}

async function digestOfLarge(path) {
  const hash = createHash('sha1');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hash.update(chunk);
  return hash.digest('hex');
}
