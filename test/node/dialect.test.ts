import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LanshareNode, NodeOptions, Share } from '../../src/node/api.ts';
import { type Logger, silentLogger } from '../../src/platform/logger.ts';
import { byHash, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';

const nodes = new LoopbackNodes();
const CONTENT = someBytes(700 * 1024);

beforeEach(() => nodes.begin());

afterEach(async () => {
  expect(await nodes.end()).toEqual([]);
});

/** Keeps the dialect of each link that was opened. */
function listening(): { readonly opened: string[]; readonly logger: Logger } {
  const opened: string[] = [];
  const info = (details: object, message: string): void => {
    if (message === 'link open') opened.push('dialect' in details ? String(details.dialect) : 'lan');
  };
  return { opened, logger: { ...silentLogger, info } };
}

async function shared(node: LanshareNode): Promise<Share> {
  const file = path.join(await nodes.folder(), 'movie.bin');
  await writeFile(file, CONTENT);
  return node.share(file);
}

/** Fetches by the info-hash alone, so that the metainfo comes over the same links. */
async function fetchFrom(sharer: LanshareNode, share: Share, options: NodeOptions): Promise<Buffer> {
  const fetcher = await nodes.nodeBeside([sharer], options);
  const out = await nodes.folder();
  const fetched = await fetcher.fetch(byHash(share), { out, seed: { kind: 'none' } });
  return readFile(fetched.path);
}

describe('two lanshare nodes', () => {
  it('speak the native dialect', async () => {
    const { opened, logger } = listening();
    const sharer = await nodes.node();
    expect(await fetchFrom(sharer, await shared(sharer), { logger })).toEqual(CONTENT);
    expect(opened).toEqual(['lan']);
  });

  it('speak BitTorrent where the one that dials wants only that', async () => {
    const { opened, logger } = listening();
    const sharer = await nodes.node();
    expect(await fetchFrom(sharer, await shared(sharer), { logger, dialect: 'bittorrent' })).toEqual(CONTENT);
    expect(opened).toEqual(['bittorrent']);
  });

  it('speak the native dialect where only the one that listens wants BitTorrent', async () => {
    const { opened, logger } = listening();
    const sharer = await nodes.node({ dialect: 'bittorrent' });
    expect(await fetchFrom(sharer, await shared(sharer), { logger })).toEqual(CONTENT);
    expect(opened).toEqual(['lan']);
  });
});
