import { LanshareError } from '../errors.ts';
import { type HttpService, type HttpServiceOptions, openHttpService } from './http/http-service.ts';
import { openUdpTracker, type UdpTracker, type UdpTrackerOptions } from './udp/udp-tracker.ts';

export interface TrackerPorts {
  readonly port: number;
  readonly udp: UdpTracker;
  readonly http: HttpService;
  close(): Promise<void>;
}

/** Any UDP port that is free may be taken in TCP: then another one is tried. */
const TRIES_FOR_ANY_PORT = 16;

/** Listens for UDP and TCP on one port number; 0 takes any that is free in both. Rejects with PORT_IN_USE or NETWORK. */
export async function listenForBoth(
  port: number,
  udpOptions: Omit<UdpTrackerOptions, 'port'>,
  httpOptions: Omit<HttpServiceOptions, 'port'>,
): Promise<TrackerPorts> {
  for (let triesLeft = port === 0 ? TRIES_FOR_ANY_PORT : 1; ; triesLeft--) {
    try {
      return await listenOnce(port, udpOptions, httpOptions);
    } catch (error) {
      if (!(error instanceof LanshareError) || error.code !== 'PORT_IN_USE') throw error;
      if (triesLeft > 1) continue;
      const hint = 'another tracker may run here; --port chooses another port, 0 takes any free one';
      throw new LanshareError(error.code, error.message, hint, { cause: error });
    }
  }
}

async function listenOnce(
  port: number,
  udpOptions: Omit<UdpTrackerOptions, 'port'>,
  httpOptions: Omit<HttpServiceOptions, 'port'>,
): Promise<TrackerPorts> {
  const udp = await openUdpTracker({ ...udpOptions, port });
  try {
    const http = await openHttpService({ ...httpOptions, port: udp.port });
    return {
      port: udp.port,
      udp,
      http,
      async close() {
        await Promise.all([udp.close(), http.close()]);
      },
    };
  } catch (error) {
    await udp.close();
    throw error;
  }
}
