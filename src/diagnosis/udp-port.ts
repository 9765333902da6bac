import { systemErrorCode } from '../errors.ts';
import type { DatagramNetwork } from '../platform/datagram.ts';

/** `port` where another program has it; to be asked before the node is started, which takes it, too. */
export async function takenUdpPort(datagrams: DatagramNetwork, port: number): Promise<number | undefined> {
  try {
    const options = { family: 'IPv4', address: '0.0.0.0', port, shared: false } as const;
    const socket = await datagrams.open(options, { onDatagram() {}, onError() {} });
    await socket.close();
    return undefined;
  } catch (error) {
    return systemErrorCode(error) === 'EADDRINUSE' ? port : undefined;
  }
}
