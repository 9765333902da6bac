import type { BtMessage, PeerExtensionIds } from '../../wire/bt/message.ts';

/** Only what the peer has a number for can be said to it (BEP 10). */
export function isSpoken({ type }: BtMessage, extensions: PeerExtensionIds | undefined): boolean {
  switch (type) {
    case 'extension handshake':
      return extensions !== undefined;
    case 'metadata request':
    case 'metadata':
    case 'metadata reject':
      return extensions?.metadataId !== undefined;
    case 'peer exchange':
      return extensions?.peerExchangeId !== undefined;
    default:
      return true;
  }
}
