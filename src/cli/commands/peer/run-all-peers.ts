import { groupFault } from '../../../classroom/all/group-fault.ts';
import { peersByPlace } from '../../../classroom/all/local-peers.ts';
import { runPeerGroup } from '../../../classroom/all/peer-group.ts';
import type { ListedPeer, ListedPeerId } from '../../../classroom/config/project.ts';
import { LanshareError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import type { PeerFlags } from '../../options/peer-invocation.ts';
import { GroupPicture } from '../../output/classroom/group-picture.ts';
import { openGroupView } from '../../output/classroom/open-group-view.ts';
import { shellQuote } from '../../output/shell-quote.ts';
import { childWords, environmentOfChild } from './child-words.ts';
import { GroupNews } from './group-news.ts';
import { projectIn } from './project-in.ts';
import { untilStdinEnds } from './until-stdin-ends.ts';

/**
 * Starts every peer of the project that belongs to this machine, each its own process, and shows them together. 0 when
 * all ended well; throws the fault of the one that failed by itself. Interrupted, it ends them all.
 */
export function runAllPeers(context: Context, flags: PeerFlags): Promise<number> {
  return untilStdinEnds(context, flags, (signal) => runAll({ ...context, signal }, flags));
}

async function runAll(context: Context, flags: PeerFlags): Promise<number> {
  const { host, reporter, signal } = context;
  const { directory, project } = await projectIn(context, flags.dir);
  const { machine } = await host.classroom();
  const { here, elsewhere } = await peersByPlace(project, machine, host.clock, signal);
  signal.throwIfAborted();
  if (here.length === 0) throw nobodyHere(elsewhere);
  const picture = new GroupPicture();
  const view = await openGroupView(context, flags, picture);
  const news = new GroupNews((event) => {
    picture.take(event, host.clock.now());
    view.take(event);
  });
  try {
    for (const peer of project.peers) news.introduce(peer, here.includes(peer));
    await runProcesses(context, flags, directory, here, news);
  } finally {
    view.finish();
  }
  const fault = groupFault(news.failed);
  if (fault !== undefined) signal.throwIfAborted();
  reporter.report({ ...picture.summary(), command: checkCommand(flags.dir) });
  if (fault !== undefined) throw fault;
  return 0;
}

async function runProcesses(
  { host, signal }: Context,
  flags: PeerFlags,
  directory: string,
  peers: readonly ListedPeer[],
  news: GroupNews,
): Promise<void> {
  const { startLanshare } = await host.classroom();

  function complain(peer: ListedPeerId, line: string): void {
    // The log that -v asks for, or words of Node about a crash.
    if (flags.verbose > 0) host.stderr.write(`${peer}: ${line}\n`);
    else news.note(peer, line);
  }

  return runPeerGroup({
    peers: peers.map(({ id }) => id),
    start: (peer) =>
      startLanshare(childWords(peer, directory, flags, host.cwd), {
        env: environmentOfChild(host.env),
        cwd: host.cwd,
        onLine: (line) => news.line(peer, line),
        onErrorLine: (line) => complain(peer, line),
      }),
    onExit: (peer, exit) => news.exited(peer, exit),
    clock: host.clock,
    signal,
  });
}

function checkCommand(dir: string | undefined): string {
  return ['lanshare peer check', ...(dir === undefined ? [] : [shellQuote(dir)])].join(' ');
}

function nobodyHere(elsewhere: readonly ListedPeer[]): LanshareError {
  const hosts = [...new Set(elsewhere.map(({ host }) => host))].join(', ');
  return new LanshareError(
    'BAD_CONFIG',
    `no peer of PeerInfo.cfg is on this machine: they are on ${hosts}`,
    'run it there, or write localhost into PeerInfo.cfg',
  );
}
