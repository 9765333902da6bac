import { versionOf } from './contents.mjs';
import { aria2 } from './programs/aria2.mjs';
import { lanshare } from './programs/lanshare.mjs';
import { lanshareTracker } from './programs/lanshare-tracker.mjs';
import { libtorrent } from './programs/libtorrent.mjs';
import { opentracker } from './programs/opentracker.mjs';
import { rtorrent } from './programs/rtorrent.mjs';
import { transmission } from './programs/transmission.mjs';

export const PROGRAMS = [lanshare, libtorrent, transmission, aria2, rtorrent];
const OTHERS = PROGRAMS.filter((program) => program !== lanshare);

/** Why the matrix cannot be run here; undefined where it can. */
export function missingPrograms() {
  const missing = [...PROGRAMS, opentracker]
    .map((program) => program.missing())
    .filter((words) => words !== undefined);
  return missing.length === 0 ? undefined : missing.join(', ');
}

/** Every other program with lanshare, both ways, where both know the way to find each other. */
function withLanshare(finding, options) {
  return OTHERS.flatMap((other) => bothWays(finding, other, options));
}

function bothWays(finding, other, options) {
  return [cell(finding, other, lanshare, options), cell(finding, lanshare, other, options)].filter(
    (made) => made !== undefined,
  );
}

/** A content, moved between lanshare and each other program. rtorrent has no LSD. */
function contentWithLanshare(content) {
  return [...withLanshare('lsd', { content }), ...bothWays('http-tracker', rtorrent, { content })];
}

/** Undefined where a program that has to know the way to find the other does not, or cannot read the .torrent. */
function cell(finding, seeder, leecher, { content = 'file', magnet = false, ...more } = {}) {
  const able = finding === 'lsd' ? [seeder, leecher] : [leecher];
  if (able.some((program) => !program.finds.includes(finding))) return undefined;
  const version = versionOf(content);
  if (![seeder, leecher].every(({ reads }) => reads.includes(version))) return undefined;
  const introducer = finding === 'pex' ? introducerOf(seeder, leecher) : undefined;
  return { finding, content, magnet, seeders: [seeder], leechers: [leecher], introducer, ...more };
}

/** libtorrent does not stay with a libtorrent that wants nothing for long enough to be told of others. */
function introducerOf(...programs) {
  return programs.includes(libtorrent) ? transmission : libtorrent;
}

/** The other programs among themselves: where one of these fails, the matrix is wrong, not lanshare. */
const CONTROLS = [
  cell('lsd', libtorrent, aria2),
  cell('lsd', aria2, transmission),
  cell('lsd', transmission, libtorrent),
  cell('lsd', libtorrent, libtorrent, { content: 'v2 folder' }),
  cell('lsd', libtorrent, libtorrent, { content: 'v2 file', magnet: true }),
  cell('peer', transmission, libtorrent),
  cell('http-tracker', libtorrent, aria2),
  cell('udp-tracker', aria2, rtorrent),
  cell('http-tracker', transmission, rtorrent, { magnet: true }),
  cell('pex', rtorrent, transmission),
  cell('http-tracker', rtorrent, transmission, { content: 'many files' }),
  cell('http-tracker', libtorrent, rtorrent, { content: 'hybrid folder' }),
];

/** Each gives to the next: so each program seeds and leeches once. */
function around(...programs) {
  return programs.map((program, index) => [program, programs[(index + 1) % programs.length]]);
}

/** By `lanshare tracker` alone, and by each protocol other pairs. */
const TRACKED_BY_LANSHARE = [
  ...around(lanshare, libtorrent, transmission, aria2, rtorrent).map(([seeder, leecher]) =>
    cell('http-tracker', seeder, leecher, { tracker: lanshareTracker }),
  ),
  ...around(rtorrent, transmission, lanshare, aria2, libtorrent).map(([seeder, leecher]) =>
    cell('udp-tracker', seeder, leecher, { tracker: lanshareTracker }),
  ),
  cell('http-tracker', transmission, rtorrent, { magnet: true, tracker: lanshareTracker }),
  cell('udp-tracker', aria2, lanshare, { magnet: true, tracker: lanshareTracker }),
  cell('http-tracker', libtorrent, lanshare, { content: 'v2 folder', tracker: lanshareTracker }),
  cell('udp-tracker', lanshare, libtorrent, { content: 'hybrid folder', tracker: lanshareTracker }),
  {
    finding: 'udp-tracker',
    content: '16 KiB pieces',
    magnet: false,
    rate: '20mbit',
    tracker: lanshareTracker,
    seeders: [transmission],
    leechers: [lanshare, libtorrent, aria2, rtorrent],
  },
];

/** Both trackers count the same announcements the same way: of all four, and of those that take no time over it. */
const COUNTED = [
  counted('http-tracker', OTHERS, OTHERS),
  counted('udp-tracker', OTHERS, OTHERS),
  counted('http-tracker', [rtorrent], [libtorrent, aria2]),
  counted('udp-tracker', [aria2], [rtorrent, libtorrent]),
];

function counted(finding, seeders, leechers) {
  return { finding, content: 'file', magnet: false, seeders, leechers, counted: true };
}

/** Who cannot read a hybrid, whoever made it. Where one of these turns red, it has learnt to, and `reads` has to say so. */
const REFUSALS = [transmission, aria2].map((program) => ({
  finding: 'only read',
  content: 'hybrid file',
  magnet: false,
  seeders: [libtorrent],
  leechers: [program],
  refused: true,
}));

/** All programs at once; nobody's cable is fast enough to serve all the others alone. */
const MIXED = {
  finding: 'lsd and http-tracker',
  content: '16 KiB pieces',
  magnet: false,
  rate: '20mbit',
  seeders: [libtorrent],
  leechers: [lanshare, lanshare, transmission, aria2, rtorrent],
};

export const CELLS = [
  ...withLanshare('lsd'),
  ...withLanshare('peer'),
  ...withLanshare('http-tracker'),
  ...withLanshare('udp-tracker'),
  ...withLanshare('pex'),
  ...withLanshare('lsd', { magnet: true }),
  ...withLanshare('http-tracker', { magnet: true }),
  ...contentWithLanshare('many files'),
  ...contentWithLanshare('16 KiB pieces'),
  ...contentWithLanshare('16 MiB pieces'),
  ...contentWithLanshare('one byte'),
  ...contentWithLanshare('hybrid file'),
  ...contentWithLanshare('hybrid folder'),
  ...contentWithLanshare('v2 file'),
  ...contentWithLanshare('v2 folder'),
  ...bothWays('peer', libtorrent, { magnet: true }),
  ...bothWays('peer', libtorrent, { content: 'hybrid folder' }),
  ...bothWays('peer', libtorrent, { content: 'v2 folder' }),
  ...bothWays('lsd', libtorrent, { content: 'hybrid file', magnet: true }),
  ...bothWays('peer', libtorrent, { content: 'hybrid folder', magnet: true }),
  ...bothWays('lsd', libtorrent, { content: 'v2 file', magnet: true }),
  ...bothWays('peer', libtorrent, { content: 'v2 folder', magnet: true }),
  cell('lsd', libtorrent, lanshare, { content: 'more than 4 GiB', timeoutMs: 180_000 }),
  cell('lsd', lanshare, libtorrent, { content: 'more than 4 GiB', timeoutMs: 180_000 }),
  MIXED,
  ...TRACKED_BY_LANSHARE,
  ...COUNTED,
  ...CONTROLS,
  ...REFUSALS,
];

const names = (programs) => programs.map(({ name }) => name).join(' + ');

/**
 * What a cell moves, and how its programs find each other: `many files, http-tracker, magnet`. The tracker is opentracker
 * where nothing else is said.
 */
export function caseOf({ content, finding, magnet, tracker, counted = false }) {
  const ways = tracker === undefined ? finding : `${finding} of ${tracker.name}`;
  return [content, ways, ...(magnet ? ['magnet'] : []), ...(counted ? ['counted'] : [])].join(', ');
}

export function pairOf({ seeders, leechers }) {
  return `${names(seeders)} → ${names(leechers)}`;
}
