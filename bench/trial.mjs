import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expectSame, makeFile } from './content.mjs';
import { environment, lanshareProgram } from './peers/lanshare.mjs';

const TRIAL_TIMEOUT_MS = 300_000;

/**
 * Runs `trial(program)` for each program `runs` times, taking turns: A, B, C, A, B, C. A machine that is slower for
 * a while is so for all of them. Each trial gives figures by their column's name.
 */
export async function inTurns(programs, { runs, say }, trial) {
  const results = programs.map((program) => ({
    program: program.name,
    missing: program.missing(),
    trials: [],
  }));
  for (let turn = 1; turn <= runs; turn++) {
    for (const [index, program] of programs.entries()) {
      const { missing, trials } = results[index];
      if (missing !== undefined) continue;
      say(`${program.name}, ${turn} of ${runs}`);
      trials.push(await trial(program));
    }
  }
  return results;
}

/** A file of `bytes` bytes in a folder of its own, and a .torrent of it that every program uses. */
export async function makeContent(host, place, { name, bytes, pieceLength }) {
  const folder = await emptyFolder(join(place, 'content'));
  const path = join(folder, name);
  await makeFile(path, bytes);
  return describeContent(host, place, path, bytes, pieceLength);
}

/** The same for what lies at `path` already. */
export async function describeContent(host, place, path, bytes, pieceLength) {
  const name = path.slice(dirname(path).length + 1);
  const content = {
    place,
    folder: dirname(path),
    name,
    path,
    bytes,
    pieceLength,
    torrent: join(place, 'content.torrent'),
  };
  // Hashing is not part of any of these measurements; from now on lanshare remembers it, and the others do not hash.
  const sharer = await lanshareProgram.offer(host, content);
  await sharer.stop('SIGINT');
  return content;
}

/** One sender, one receiver: what the receiver's command took, and the sender as it was then. */
export async function fetchOnce(program, lan, content) {
  const out = await emptyFolder(join(content.place, 'out'));
  const sender = await program.offer(lan.host(1), content);
  try {
    const receiver = await timed(lan.host(2), program.fetchCommand(content, out), content.place);
    await expectSame(content.path, join(out, content.name));
    return { receiver, senderPeakBytes: sender.peakBytes };
  } finally {
    await sender.stop('SIGKILL');
  }
}

/** Runs a command to its end; rejects where it fails. Wall time from its start to its exit. */
export async function timed(host, argv, place) {
  const start = performance.now();
  const exit = await host.run(argv, { env: environment(place), memory: true, timeoutMs: TRIAL_TIMEOUT_MS });
  const seconds = (performance.now() - start) / 1000;
  if (exit.code !== 0)
    throw new Error(`${argv.join(' ')} ended with ${exit.code ?? exit.signal}: ${exit.stderr}`);
  return { seconds, peakBytes: exit.peakBytes };
}

export async function emptyFolder(path) {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}

export function megabytes(bytes) {
  return bytes / 1_000_000;
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
