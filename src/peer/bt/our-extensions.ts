import { MAX_QUEUED_BLOCKS } from '../../limits.ts';
import { type ExtensionHandshake, OUR_EXTENSION_IDS } from '../../wire/bt/message.ts';

const CLIENT_NAME = 'lanshare';

/** What we say of ourselves in the extension handshake (BEP 10). */
export function ourExtensions(port: number, metadataSize: number | undefined): ExtensionHandshake {
  return {
    metadataId: OUR_EXTENSION_IDS.ut_metadata,
    peerExchangeId: OUR_EXTENSION_IDS.ut_pex,
    metadataSize,
    port,
    client: CLIENT_NAME,
    maxRequests: MAX_QUEUED_BLOCKS,
    uploadOnly: false,
  };
}
