import type { TestProject } from 'vitest/node';
import { missingPrograms } from '../interop/cells.mjs';
import { missingForAvahi } from './avahi.ts';
import { canMakeLan } from './lab.mjs';
import { pythonWithLibtorrent } from './libtorrent.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why this machine cannot run the tests that need a LAN; empty where it can. */
    noLanBecause: string;
    /** The same for the test with the system's mDNS browser. */
    noAvahiBecause: string;
    /** The same for the tests with another BitTorrent client. */
    noLibtorrentBecause: string;
    /** The same for the interop matrix. */
    noInteropBecause: string;
  }
}

/** Says once, and clearly, which tests cannot run here; where they are required that is a failure. */
export default function setup(project: TestProject): void {
  const noLanBecause = canMakeLan() ?? '';
  const missing = missingForAvahi();
  const noAvahiBecause = missing === undefined ? noLanBecause : `the program '${missing}' is not installed`;
  project.provide('noLanBecause', noLanBecause);
  project.provide('noAvahiBecause', noAvahiBecause);
  const noLibtorrentBecause =
    pythonWithLibtorrent() === undefined ? 'python3-libtorrent is not installed' : noLanBecause;
  project.provide('noLibtorrentBecause', noLibtorrentBecause);
  const noInteropBecause = missingPrograms() ?? noLanBecause;
  project.provide('noInteropBecause', noInteropBecause);
  report('the tests in test/lan', noLanBecause);
  if (noLanBecause !== '') return;
  report('the test with avahi-browse', noAvahiBecause);
  report('the tests beside libtorrent', noLibtorrentBecause);
  report('the interop matrix', noInteropBecause);
}

function report(tests: string, reason: string): void {
  if (reason === '') return;
  if (process.env['CI_REQUIRES_LAN'] === '1') throw new Error(`${tests} must run here, but ${reason}`);
  process.stderr.write(`\nSkipped: ${tests}, because ${reason}.\n`);
}
