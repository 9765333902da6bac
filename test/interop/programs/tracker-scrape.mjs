/**
 * Asks a tracker how many it knows of a content, and is the program that does so on a host of its LAN:
 *
 *   node tracker-scrape.mjs http://10.77.0.1:6969/announce 0123456789abcdef0123456789abcdef01234567
 *
 * says {"complete", "incomplete", "downloaded"}. It shares no code with lanshare, whose tracker it examines.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(import.meta.url);
const ANSWER_TIMEOUT_MS = 5_000;
/** BEP 15. */
const PROTOCOL_ID = '0000041727101980';
const ACTIONS = { connect: 0, scrape: 2 };

/** Asked from `host`, by the protocol of the tracker's URL. A content that the tracker does not know has nobody. */
export async function scrape(host, url, infoHash) {
  const { code, stdout, stderr } = await host.run([process.execPath, SCRIPT, url, infoHash]);
  if (code !== 0) throw new Error(`${url} gives no counts: ${stderr}`);
  return JSON.parse(stdout);
}

/** BEP 48. */
async function scrapeByHttp(url, infoHash) {
  const asked = `${url.replace(/announce$/, 'scrape')}?info_hash=${infoHash.replace(/../g, '%$&')}`;
  const response = await fetch(asked, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  const answer = Buffer.from(await response.arrayBuffer()).toString('latin1');
  if (!/^d5:filesd.*e$/s.test(answer)) throw new Error(`this is no scrape: ${answer}`);
  const count = (key) => Number(new RegExp(`${key.length}:${key}i(\\d+)e`).exec(answer)?.[1] ?? 0);
  return {
    complete: count('complete'),
    incomplete: count('incomplete'),
    downloaded: count('downloaded'),
  };
}

/** BEP 15. On a LAN that loses nothing, so nothing is asked twice. */
async function scrapeByUdp({ hostname, port }, infoHash) {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    const ask = (...request) => askByUdp(socket, { host, port: Number(port) }, request);
    const connected = await ask(PROTOCOL_ID, ACTIONS.connect, '');
    const scraped = await ask(connected.toString('hex', 8, 16), ACTIONS.scrape, infoHash);
    return {
      complete: scraped.readUInt32BE(8),
      downloaded: scraped.readUInt32BE(12),
      incomplete: scraped.readUInt32BE(16),
    };
  } finally {
    socket.close();
  }
}

async function askByUdp(socket, { host, port }, [connectionId, action, rest]) {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(action);
  randomBytes(4).copy(header, 4);
  const request = Buffer.concat([Buffer.from(connectionId, 'hex'), header, Buffer.from(rest, 'hex')]);
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  socket.send(request, port, host);
  const [answer] = await answered;
  if (!answer.subarray(0, 8).equals(header)) throw new Error(`this is no answer: ${answer.toString('hex')}`);
  return answer;
}

if (process.argv[1] === SCRIPT) {
  const [, , url, infoHash] = process.argv;
  const counts = url.startsWith('udp:')
    ? await scrapeByUdp(new URL(url), infoHash)
    : await scrapeByHttp(url, infoHash);
  process.stdout.write(JSON.stringify(counts));
}
