import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expectSame, linkContent } from './contents.mjs';
import { lastWords } from './programs/waiting.mjs';

const ARRIVAL_TIMEOUT_MS = 90_000;

/** Starts a program that has the content. Resolves when it serves; gives the child process. */
export async function seed(program, host, content, { torrent, tracker, lsd, place }) {
  const { name, pieceLength, version, infoHash } = content;
  const own = join(place, `seeder-${host.number}`);
  const folder = join(own, 'content');
  await linkContent(content, folder, program);
  return program.seed(host, {
    torrent,
    folder,
    name,
    pieceLength,
    version,
    infoHash,
    tracker,
    lsd,
    place: own,
  });
}

/**
 * Starts a program that has nothing. Gives the child process, and `arrived`: that rejects where not all arrives, or other
 * bytes. With `stays` it is there afterwards, whatever it usually does.
 */
export async function leech(program, host, content, { source, tracker, peers, lsd, stays, place }) {
  const own = join(place, `leecher-${host.number}`);
  const out = join(own, 'out');
  await mkdir(out, { recursive: true });
  const leeching = await program.leech(host, { source, out, lsd, tracker, peers, stays, place: own });
  return {
    running: leeching.running,
    async arrived(timeoutMs = ARRIVAL_TIMEOUT_MS) {
      await leeching.arrived(timeoutMs).catch((error) => {
        const [reason] = error.message.split('\n');
        throw new Error(`${program.name} as leecher: ${reason}\n${lastWords(leeching.running)}`);
      });
      await expectSame(content, join(out, content.name), program);
    },
  };
}

/** As its user does, so that it says goodbye to its tracker. */
export async function stop(program, host, running) {
  await (program.stop === undefined ? running.stop() : program.stop(host));
}
