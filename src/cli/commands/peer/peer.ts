import type { Context } from '../../context.ts';
import type { PeerInvocation } from '../../options/peer-invocation.ts';

/** Does what `lanshare peer` is asked for; each is loaded only when it runs. */
export async function peer(context: Context, invocation: PeerInvocation): Promise<number> {
  switch (invocation.command) {
    case 'peer': {
      const { runPeer } = await import('./run-peer.ts');
      return runPeer(context, invocation.id, invocation.options);
    }
    case 'peer --all': {
      const { runAllPeers } = await import('./run-all-peers.ts');
      return runAllPeers(context, invocation.options);
    }
    case 'peer init': {
      const { initProject } = await import('./init-project.ts');
      return initProject(context, invocation.options);
    }
    case 'peer check': {
      const { checkLogs } = await import('./check-logs.ts');
      return checkLogs(context, invocation.directory, invocation.options);
    }
    case 'peer probe': {
      const { probeProgram } = await import('./probe-program.ts');
      return probeProgram(context, invocation.target, invocation.options);
    }
  }
}
