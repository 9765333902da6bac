import path from 'node:path';
import { LanshareError } from '../../errors.ts';
import type { Listener } from '../../platform/network.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import type { ListedPeer } from '../config/project.ts';
import { peerIn } from '../config/project-of.ts';
import { openProjectContent } from '../content/open-project-content.ts';
import { openLogFile } from '../log/log-file.ts';
import { ClassroomPeer } from './classroom-peer.ts';
import type { ClassroomPeerOptions, RunClassroomPeer, RunResult } from './classroom-peer-api.ts';
import { Door } from './door.ts';

/** See RunClassroomPeer. The port is taken first: a second process for the same peer must not touch file and log. */
export const runClassroomPeer: RunClassroomPeer = async (options) => {
  if (options.signal.aborted) throw interruption(options.signal);
  const peer = peerIn(options.project, options.id);
  const door = new Door();
  const listener = await listen(peer, options, door);
  try {
    const store = await openProjectContent({ ...options, peer });
    try {
      return await runWithLog(store, listener, door, options);
    } finally {
      await store.close();
    }
  } finally {
    door.close();
    await listener.close();
  }
};

async function listen(
  { id, port }: ListedPeer,
  { network }: ClassroomPeerOptions,
  door: Door,
): Promise<Listener> {
  try {
    return await network.listen(port, (connection) => door.arrive(connection));
  } catch (error) {
    if (!(error instanceof LanshareError) || error.code !== 'PORT_IN_USE') throw error;
    throw new LanshareError(
      'PORT_IN_USE',
      `port ${port}, which PeerInfo.cfg gives to peer ${id}, is in use by another program`,
      `end that program (it may be peer ${id} from an earlier run), or give the peer another port in PeerInfo.cfg`,
      { cause: error },
    );
  }
}

async function runWithLog(
  store: ContentStore,
  listener: Listener,
  door: Door,
  options: ClassroomPeerOptions,
): Promise<RunResult> {
  const { directory, id, clock, onEvent } = options;
  const logPath = path.join(directory, `log_peer_${id}.log`);
  const faults: { onFault?(fault: LanshareError): void } = {};
  const log = openLogFile(logPath, id, clock, (fault) => faults.onFault?.(fault));
  try {
    const peer = new ClassroomPeer({ ...options, store, log: (event) => log.write(event) });
    faults.onFault = (fault) => peer.fail(fault);
    onEvent({ event: 'listening', port: listener.port, log: logPath });
    return await runUntilEnd(peer, door, options.signal);
  } finally {
    log.close();
  }
}

async function runUntilEnd(peer: ClassroomPeer, door: Door, signal: AbortSignal): Promise<RunResult> {
  const onAbort = (): void => peer.fail(interruption(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    peer.start();
    door.open((connection) => peer.accept(connection));
    const result = await peer.ended;
    door.close();
    await peer.close('in good order');
    return result;
  } catch (error) {
    door.close();
    await peer.close('at once');
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function interruption({ reason }: AbortSignal): LanshareError {
  return reason instanceof LanshareError
    ? reason
    : new LanshareError('INTERRUPTED', 'the run was interrupted');
}
