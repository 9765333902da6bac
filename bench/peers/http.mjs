import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PORT = 8080;

function settings(folder, place) {
  return `daemon off; master_process off; user root; pid ${place}/nginx.pid; error_log stderr warn;
events { worker_connections 64; }
http { access_log off; sendfile on; tcp_nopush on; server { listen ${PORT}; root ${folder}; } }
`;
}

function httpProgram(name, fetchCommand, { severalProcesses = false } = {}) {
  return {
    name,
    /** The memory of its command would be that of a shell. */
    severalProcesses,
    missing() {
      const absent = ['nginx', 'curl'].find((program) => spawnSync(program, ['-V']).error !== undefined);
      return absent === undefined ? undefined : `${absent} is not installed`;
    },
    async offer(host, content) {
      const file = join(content.place, 'nginx.conf');
      await writeFile(file, settings(content.folder, content.place));
      const server = host.start(['nginx', '-e', 'stderr', '-c', file], { memory: true });
      const probe = `until curl -sf -o /dev/null -r 0-0 http://127.0.0.1:${PORT}/"$0"; do sleep 0.02; done`;
      await host.run(['sh', '-c', probe, content.name]);
      return server;
    },
    fetchCommand: (content, out) =>
      fetchCommand(`http://10.77.0.1:${PORT}/${content.name}`, join(out, content.name)),
  };
}

/** The address is typed, and nothing is checked. */
export const curlProgram = httpProgram('nginx + curl', (url, file) => ['curl', '-sf', '-o', file, url]);
export const checkedCurlProgram = httpProgram(
  'nginx + curl + sha256sum',
  (url, file) => ['sh', '-c', 'curl -sf -o "$1" "$0" && sha256sum "$1"', url, file],
  { severalProcesses: true },
);
