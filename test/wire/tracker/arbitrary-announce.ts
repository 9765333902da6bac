import fc from 'fast-check';
import { infoHashFromBytes } from '../../../src/metainfo/metainfo.ts';
import { addressFromBytes, type Endpoint } from '../../../src/platform/endpoint.ts';
import type { AnnounceRequest } from '../../../src/wire/tracker/announce.ts';

export function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

export const anyInfoHash = bytes(20).map(infoHashFromBytes);

const amount = fc.maxSafeNat();

export const anyAnnounce: fc.Arbitrary<AnnounceRequest> = fc.record({
  infoHash: anyInfoHash,
  peerId: bytes(20),
  port: fc.integer({ min: 0, max: 65_535 }),
  uploaded: amount,
  downloaded: amount,
  left: amount,
  event: fc.constantFrom('started', 'completed', 'stopped', 'regular'),
  peersWanted: fc.option(fc.nat(), { nil: undefined }),
  key: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
});

export function anyPeers(family: 'IPv4' | 'IPv6'): fc.Arbitrary<readonly Endpoint[]> {
  const host = bytes(family === 'IPv4' ? 4 : 16).map(addressFromBytes);
  return fc.array(fc.record({ host, port: fc.integer({ min: 0, max: 65_535 }) }), { maxLength: 50 });
}
