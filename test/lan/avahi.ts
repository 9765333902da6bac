import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from './lab.mjs';
import type { Exit, Running } from './running.mjs';

function avahiSettings(publishing: boolean): string {
  return `[server]
use-ipv4=yes
use-ipv6=yes
[publish]
disable-publishing=${publishing ? 'no' : 'yes'}
`;
}

function busSettings(socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
`;
}

/** The first program that startAvahi() needs and that is not here. */
export function missingForAvahi(): string | undefined {
  const programs = ['dbus-daemon', 'avahi-daemon', 'avahi-browse'];
  return programs.find((program) => spawnSync(program, ['--version']).error !== undefined);
}

/** The system's mDNS responder on one host of a LAN. */
export interface Avahi {
  /** `avahi-browse` with these arguments. */
  browse(...words: readonly string[]): Promise<Exit>;
  /** `avahi-publish` with these arguments, until it is stopped or the LAN ends. */
  publish(...words: readonly string[]): Running;
}

/**
 * Starts avahi-daemon on a message bus of its own; both end with the LAN. `folder` takes their files. Only where
 * it is to publish something does it claim a host name first, which takes it some seconds.
 */
export async function startAvahi(host: Host, folder: string, publishing = false): Promise<Avahi> {
  const bus = join(folder, 'bus');
  const env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${bus}` };
  await writeFile(join(folder, 'bus.conf'), busSettings(bus));
  await writeFile(join(folder, 'avahi.conf'), avahiSettings(publishing));

  const busDaemon = host.start([
    'dbus-daemon',
    '--nofork',
    '--nopidfile',
    '--print-address',
    `--config-file=${join(folder, 'bus.conf')}`,
  ]);
  await busDaemon.says(/unix:path/);
  // The host's own mount namespace gets a /run of its own: there avahi-daemon keeps its one pid file and socket.
  const command = `mount -t tmpfs tmpfs /run && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$0"`;
  const daemon = host.start(['sh', '-c', command, join(folder, 'avahi.conf')], { env });
  await daemon.says(/Server startup complete/);
  return {
    browse: (...words) => host.run(['avahi-browse', ...words], { env }),
    publish: (...words) => host.start(['avahi-publish', ...words], { env }),
  };
}
