import { describe, expect, it } from 'vitest';
import { readProject } from '../../src/classroom/config/read-project.ts';
import { probe } from '../../src/classroom/probe/probe.ts';
import type { ProbeReport } from '../../src/classroom/probe/probe-api.ts';
import { openReferenceFile } from '../../src/classroom/probe/reference-file.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { tcpNetwork } from '../../src/platform/tcp-network.ts';
import type { Running } from '../lan/running.mjs';
import type { Project } from './classroom.mjs';
import { endsWithTest, projectOfTest } from './processes.ts';

/** Programs of their own, over real sockets. */
describe('a program that shares no code with the probe', { timeout: 60_000 }, () => {
  it('has the file, keeps the rules, and is blamed for its zeros alone', async () => {
    const report = await probed({ hasFile: true }, (project) => project.strictPeer(1001, '--zeros', '0'));
    expect(brokenIn(report)).toEqual(['handshake-zeros']);
    expect(keptIn(report)).toEqual(
      expect.arrayContaining(['last-piece', 'piece-content', 'requests-pipelined']),
    );
  });

  it('lacks the file, cuts all that it says into parts, and keeps the rules', async () => {
    const flags = ['--slow-handshake', '--split'];
    const report = await probed({ hasFile: false }, (project) => project.strictPeer(1001, ...flags));
    expect(brokenIn(report)).toEqual([]);
    expect(keptIn(report)).toEqual(expect.arrayContaining(['requests-next', 'piece-content', 'one-request']));
  });
});

async function probed(
  { hasFile }: { readonly hasFile: boolean },
  start: (project: Project) => Running,
): Promise<ProbeReport> {
  const peers = [
    { id: 1001, hasFile },
    { id: 1002, hasFile: !hasFile },
  ];
  const made = await projectOfTest({ peers, fileSize: 100_001, p: 1, m: 2 });
  endsWithTest(start(made));
  const { project } = await readProject(made.directory);
  const reference = await openReferenceFile(made.directory, project, systemClock);
  try {
    return await probe({
      target: { host: '127.0.0.1', port: made.peers[0]?.port ?? 0 },
      as: undefined,
      project,
      reference,
      network: tcpNetwork,
      clock: systemClock,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
  } finally {
    await reference?.close();
  }
}

/** Rules; advice may be left. */
function brokenIn({ verdicts }: ProbeReport): string[] {
  return verdicts
    .filter(({ weight, outcome }) => weight === 'rule' && outcome.kind === 'broken')
    .map(({ rule }) => rule);
}

function keptIn({ verdicts }: ProbeReport): string[] {
  return verdicts.filter(({ outcome }) => outcome.kind === 'kept').map(({ rule }) => rule);
}
