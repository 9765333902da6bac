/**
 * A project of the assignment in a folder of its own, and its peers as processes: `lanshare peer` and the strict peer.
 * Plain JavaScript, because the benchmarks run it without a compiler; its types stand in classroom.d.mts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, start } from '../lan/running.mjs';

const LANSHARE = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const STRICT_PEER = fileURLToPath(new URL('./strict-peer.mjs', import.meta.url));
const FILE_NAME = 'thefile.dat';
const CHUNK_BYTES = 8 * 1024 * 1024;
/** Below the ports that the system hands out for dialling, which may be taken between the look and the start. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/** Writes both .cfg files, and the file of each peer that has it, into a new folder below `parent`. */
export async function makeProject(parent, { peers, fileSize, pieceSize = 16_384, k = 3, p = 1, m = 2 }) {
  const directory = await mkdtemp(join(parent, 'project-'));
  const ports = await freePorts(peers.length);
  const listed = peers.map((peer, index) => ({ ...peer, port: ports[index] }));
  const common = [
    `NumberOfPreferredNeighbors ${k}`,
    `UnchokingInterval ${p}`,
    `OptimisticUnchokingInterval ${m}`,
    `FileName ${FILE_NAME}`,
    `FileSize ${fileSize}`,
    `PieceSize ${pieceSize}`,
  ];
  await writeFile(join(directory, 'Common.cfg'), common.join('\n'));
  const lines = listed.map(({ id, port, hasFile }) => `${id} 127.0.0.1 ${port} ${hasFile ? 1 : 0}\n`);
  await writeFile(join(directory, 'PeerInfo.cfg'), lines.join(''));
  const project = new Project(directory, listed, Math.ceil(fileSize / pieceSize));
  await project.makeFiles(fileSize);
  return project;
}

class Project {
  directory;
  peers;
  pieceCount;

  constructor(directory, peers, pieceCount) {
    this.directory = directory;
    this.peers = peers;
    this.pieceCount = pieceCount;
  }

  get seeders() {
    return this.peers.filter(({ hasFile }) => hasFile);
  }

  fileOf(id, folder = `peer_${id}`) {
    return join(this.directory, folder, FILE_NAME);
  }

  logOf(id) {
    return readFile(join(this.directory, `log_peer_${id}.log`), 'utf8');
  }

  lanshare(id, ...words) {
    return start([process.execPath, LANSHARE, 'peer', `${id}`, '--json', ...words], { cwd: this.directory });
  }

  strictPeer(id, ...flags) {
    return start([process.execPath, STRICT_PEER, `${id}`, '--retry-dials', ...flags], {
      cwd: this.directory,
    });
  }

  /** `lanshare peer check` over all logs that are there. */
  check() {
    return run([process.execPath, LANSHARE, 'peer', 'check', this.directory], { timeoutMs: 120_000 });
  }

  /** Rejects unless every peer's file is the first seeder's. */
  async expectIdenticalFiles(folderOf = (id) => `peer_${id}`) {
    const [seeder] = this.seeders;
    const expected = await digestOf(this.fileOf(seeder.id));
    for (const { id } of this.peers) {
      const digest = await digestOf(id === seeder.id ? this.fileOf(id) : this.fileOf(id, folderOf(id)));
      if (digest !== expected) throw new Error(`peer ${id} has another file than peer ${seeder.id}`);
    }
  }

  remove() {
    return rm(this.directory, { recursive: true, force: true });
  }

  async makeFiles(fileSize) {
    const files = [];
    for (const { id } of this.seeders) {
      await mkdir(join(this.directory, `peer_${id}`), { recursive: true });
      files.push(await open(this.fileOf(id), 'w'));
    }
    for (let left = fileSize; left > 0; left -= CHUNK_BYTES) {
      const bytes = randomBytes(Math.min(left, CHUNK_BYTES));
      for (const file of files) await file.write(bytes);
    }
    for (const file of files) await file.close();
  }
}

/** `count` peers from 1001 on in the order of their IDs; those named in `seeders` have the file. */
export function peersInOrder(count, seeders = [1001]) {
  return Array.from({ length: count }, (_, index) => 1001 + index).map((id) => ({
    id,
    hasFile: seeders.includes(id),
  }));
}

async function freePorts(count) {
  const ports = new Set();
  while (ports.size < count) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

async function digestOf(path) {
  const hash = createHash('sha1');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hash.update(chunk);
  return hash.digest('hex');
}
