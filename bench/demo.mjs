/**
 * `npm run demo`: two real programs on this machine, each in a folder of its own. One shares a file, the other
 * fetches it by name; nobody tells them an address. Then the bytes are compared. Needs no root and no network.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, start } from '../test/lan/running.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');
const SIZE_MIB = 48;
/** Slow enough to watch. */
const RATE = '16MiB/s';
const TIME_LIMIT_MS = 50_000;

const bold = (text) => (process.stderr.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text) => (process.stderr.isTTY ? `\u001b[2m${text}\u001b[0m` : text);
const say = (text) => process.stderr.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), 'lanshare-demo-'));
const children = new Set();
try {
  await Promise.race([demo(), interrupted(), late()]);
} catch (error) {
  say(`\n${bold('The demo failed:')} ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function demo() {
  buildIfNeeded();
  // Somebody else's demo on the same LAN has another name.
  const name = `movie-${randomBytes(2).toString('hex')}.bin`;
  const here = await makeFolder('here');
  const there = await makeFolder('there');
  await writeFile(join(here, name), randomBytes(SIZE_MIB * 1024 * 1024));

  say(bold(`1. One program shares a file of ${SIZE_MIB} MiB.\n`));
  const sharer = await share(here, name);

  say(bold(`\n2. Another one fetches it by its name (at ${RATE}, so that you can watch).\n`));
  const exitCode = await fetch(there, name);
  if (exitCode !== 0) throw new Error(`lanshare fetch ended with exit code ${exitCode}`);

  say(bold('\n3. Did the same bytes arrive?\n'));
  const [sent, arrived] = await Promise.all([here, there].map((side) => digest(join(side, name))));
  say(`   here   ${sent}  ${name}\n   there  ${arrived}  ${name}`);
  if (sent !== arrived) throw new Error('the two files differ');
  await sharer.stop('SIGINT');
  say(`\n${bold('Yes.')} On two machines of a LAN it is the same two commands:\n`);
  say('   lanshare share movie.txt\n   lanshare fetch movie.txt');
}

function buildIfNeeded() {
  if (existsSync(MAIN)) return;
  say('Building first …');
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'inherit', shell: true });
  if (status !== 0) throw new Error('npm run build failed');
}

async function makeFolder(name) {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}

/** Resolves when it is offered; what it said until then is shown. */
async function share(cwd, name) {
  say(dim(`   here$ lanshare share ${name}`));
  const sharer = start([process.execPath, MAIN, 'share', name], { cwd, env: environment() });
  children.add(sharer);
  await sharer.says(/lanshare fetch/);
  for (const line of sharer.stderr.trimEnd().split('\n')) say(`   ${line}`);
  return sharer;
}

/** Its progress goes straight to this terminal. */
function fetch(cwd, name) {
  const words = ['fetch', name, '--limit-down', RATE];
  say(dim(`   there$ lanshare ${words.join(' ')}`));
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd,
    env: cleanEnvironment(environment()),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
}

/** Leaves no trace in the home of whoever tries it. */
function environment() {
  return { XDG_CACHE_HOME: join(folder, 'cache') };
}

async function digest(path) {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 32);
}

function interrupted() {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error('interrupted')));
  });
}

function late() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`it took more than ${TIME_LIMIT_MS / 1000} s`)), TIME_LIMIT_MS);
  });
}
