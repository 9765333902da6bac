/** The npm package bittorrent-tracker: FOLDER PORT http|udp, where FOLDER has its node_modules. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, port, protocol] = process.argv.slice(2);
const path = join(folder, 'node_modules/bittorrent-tracker/server.js');
const { default: Server } = await import(pathToFileURL(path));
const server = new Server({ udp: protocol === 'udp', http: protocol === 'http', ws: false, stats: false });
const host = { http: '127.0.0.1', udp: '127.0.0.1', udp6: '::1' };
server.listen(Number(port), host, () => process.stdout.write('listening\n'));
