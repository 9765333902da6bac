import { existsSync } from 'node:fs';
import { afterEach, describe, inject, it, onTestFinished } from 'vitest';
import { describeOnLan, temporaryFolder } from './command.ts';
import { type Host, type Lan, makeLan } from './lab.mjs';
import { pythonWithLibtorrent } from './libtorrent.ts';
import { checkNewAddresses, ip } from './networks.ts';
import type { Running } from './running.mjs';

/** The built sources: a child process on a host of the LAN cannot run TypeScript. */
const DIST = new URL('../../dist/', import.meta.url);
const HASH = 'c0ffee'.padEnd(40, '0');
const PORT = 47_470;
const LIBTORRENT_PORT = 6881;
const PYTHON = pythonWithLibtorrent();

/** BEP 14 by itself: prints what it hears, and holds or seeks one content, as it is told. */
const LANSHARE = `
  const [, dist, part] = process.argv;
  const { createLsd } = await import(dist + 'discovery/lsd/lsd.js');
  const { systemClock: clock } = await import(dist + 'platform/clock.js');
  const { systemRandom: random } = await import(dist + 'platform/random.js');
  const { silentLogger: logger } = await import(dist + 'platform/logger.js');
  const heard = (sighting) => console.log(JSON.stringify(sighting));
  const port = ${PORT};
  const lsd = await createLsd({ port, clock, random, logger, heard });
  const content = { peerId: 'ab'.repeat(20), port, infoHash: '${HASH}', name: 'movie.txt', length: 9, pieceCount: 1 };
  if (part === 'holds') lsd.announce([{ ...content, pieces: { kind: 'all' }, version: 1 }]);
  else lsd.seek({ kind: 'infoHash', infoHash: '${HASH}' });
  console.log('open');
`;

/** A client that takes part in the same swarm, and prints whom LSD tells it of. */
const LIBTORRENT = `
import libtorrent as lt
session = lt.session({
    "listen_interfaces": "0.0.0.0:${LIBTORRENT_PORT},[::]:${LIBTORRENT_PORT}",
    "enable_dht": False, "enable_upnp": False, "enable_natpmp": False, "enable_lsd": True,
    "alert_mask": lt.alert.category_t.peer_notification,
})
content = lt.add_torrent_params()
content.info_hashes = lt.info_hash_t(lt.sha1_hash(bytes.fromhex("${HASH}")))
content.save_path = "."
content.flags = lt.torrent_flags.default_flags & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
session.add_torrent(content)
print("running", flush=True)
while True:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        # The Python binding has no class for it. It says: "peer [ 10.77.0.1:47470 client: ..."
        if alert.what() == "lsd_peer":
            print(alert.message(), flush=True)
`;

function startLanshare(host: Host, part: 'holds' | 'seeks'): Running {
  if (!existsSync(DIST)) throw new Error('dist is missing; run npm run build first');
  return untilTheEnd(host.start([process.execPath, '--input-type=module', '-e', LANSHARE, DIST.href, part]));
}

async function startLibtorrent(host: Host): Promise<Running> {
  const cwd = await temporaryFolder();
  const libtorrent = untilTheEnd(host.start([PYTHON ?? 'python3', '-c', LIBTORRENT], { cwd }));
  await libtorrent.says(/running/);
  return libtorrent;
}

function untilTheEnd(running: Running): Running {
  onTestFinished(async () => {
    running.kill('SIGKILL');
    await running.exit();
  });
  return running;
}

const locatedAt = (endpoint: string): RegExp =>
  new RegExp(
    `"located","infoHash":"${HASH}","endpoint":\\{"host":"${endpoint}","port":${LIBTORRENT_PORT}\\}`,
  );

const heardAt = (host: string): RegExp => new RegExp(`peer \\[ ${host}:${PORT} `);

describe.skipIf(inject('noLibtorrentBecause') !== '')('beside libtorrent', () => {
  let lan: Lan;
  afterEach(() => lan.close());

  it('a holder is heard', async () => {
    lan = makeLan({ hosts: 2 });
    const libtorrent = await startLibtorrent(lan.host(2));
    startLanshare(lan.host(1), 'holds');
    await libtorrent.says(heardAt('10\\.77\\.0\\.1'));
  });

  it('who seeks is heard, and hears where the content is', async () => {
    lan = makeLan({ hosts: 2 });
    const libtorrent = await startLibtorrent(lan.host(2));
    const lanshare = startLanshare(lan.host(1), 'seeks');
    await libtorrent.says(heardAt('10\\.77\\.0\\.1'));
    await lanshare.says(locatedAt('10\\.77\\.0\\.2'));
  });

  it('the same by IPv6 alone', async () => {
    lan = makeLan({ hosts: 2, families: ['ipv6'] });
    const libtorrent = await startLibtorrent(lan.host(2));
    const lanshare = startLanshare(lan.host(1), 'seeks');
    await Promise.all([
      libtorrent.says(heardAt('\\[(fd77::1|fe80:\\S+)\\]')),
      lanshare.says(locatedAt('(fd77::2|fe80:[^"]+%eth0)')),
    ]);
  });

  it('both on one host hear each other', async () => {
    lan = makeLan({ hosts: 1 });
    const libtorrent = await startLibtorrent(lan.host(1));
    const lanshare = startLanshare(lan.host(1), 'seeks');
    await Promise.all([
      libtorrent.says(heardAt('10\\.77\\.0\\.1')),
      lanshare.says(locatedAt('10\\.77\\.0\\.1')),
    ]);
  });
});

describeOnLan('local service discovery', () => {
  let lan: Lan;
  afterEach(() => lan.close());

  it('announces on an interface that has come up as soon as its IPv6 address may be used', async () => {
    lan = makeLan({ hosts: 2, families: ['ipv6'] });
    const [late, early] = [lan.host(1), lan.host(2)];
    late.unplug();
    checkNewAddresses(late, 'eth0');
    const seeking = startLanshare(early, 'seeks');
    const holding = startLanshare(late, 'holds');
    await Promise.all([seeking.says(/open/), holding.says(/open/)]);
    ip(late, 'link set eth0 up');
    await seeking.says(/"located".*"host":"fe80:[^"]+%eth0","port":47470/);
  });
});
