import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { CELLS, type Cell, caseOf, pairOf } from './cells.mjs';
import { Contents } from './contents.mjs';
import { runCell } from './run-cell.mjs';

const CELL_TIMEOUT_MS = 120_000;

/** Each other program once in each direction, and most contents; `npm run interop` runs them all. */
const REPRESENTATIVE: readonly string[] = [
  'file, lsd: lanshare → libtorrent',
  'many files, lsd: libtorrent → lanshare',
  '16 KiB pieces, lsd: aria2 → lanshare',
  'many files, lsd: lanshare → aria2',
  'one byte, lsd: transmission → lanshare',
  '16 MiB pieces, lsd: lanshare → transmission',
  'many files, http-tracker: rtorrent → lanshare',
  'file, pex: lanshare → rtorrent',
  'hybrid file, lsd: lanshare → libtorrent',
  'hybrid folder, peer: libtorrent → lanshare',
  'file, http-tracker of lanshare: aria2 → rtorrent',
  'file, udp-tracker of lanshare: libtorrent → rtorrent',
];

const COUNTED = 'file, udp-tracker, counted: aria2 → rtorrent + libtorrent';

describe.skipIf(inject('noInteropBecause') !== '')('beside other programs', () => {
  let place: string;
  let contents: Contents;
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'lanshare-test-'));
    contents = new Contents(place);
  });
  afterAll(() => rm(place, { recursive: true, force: true }));

  it.concurrent.each(REPRESENTATIVE)(
    'the same bytes arrive: %s',
    async (name) => {
      await runCell(cellNamed(name), contents);
    },
    CELL_TIMEOUT_MS,
  );

  it.concurrent(
    'lanshare tracker and opentracker count the same announcements the same way',
    async () => {
      await runCell(cellNamed(COUNTED), contents);
    },
    CELL_TIMEOUT_MS,
  );
});

function cellNamed(name: string): Cell {
  const found = CELLS.find((cell) => `${caseOf(cell)}: ${pairOf(cell)}` === name);
  if (found === undefined) throw new Error(`the matrix has no cell '${name}'`);
  return found;
}
