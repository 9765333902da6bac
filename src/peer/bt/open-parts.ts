import { DEFAULT_PEER_QUEUED_BLOCKS } from '../../limits.ts';
import type { BtMessage, ExtensionHandshake } from '../../wire/bt/message.ts';
import type { LinkOptions, Welcome } from '../link-setup.ts';
import { BlockDownloads } from './block-downloads.ts';
import { BlockUploads } from './block-uploads.ts';
import type { OpenBtLink } from './bt-dispatch.ts';
import { LeafHashes } from './leaf-hashes.ts';
import { MetadataSlices } from './metadata-slices.ts';

export interface OpenPartsOptions extends Pick<LinkOptions, 'connection' | 'clock' | 'buffers'> {
  readonly welcome: Extract<Welcome, { kind: 'accepted' }>;
  /** Both sides speak BEP 6. */
  readonly fast: boolean;
  sendAll(messages: readonly BtMessage[]): void;
  extended(extension: ExtensionHandshake): void;
}

/** What a link consists of once both have shaken hands. */
export function openParts(options: OpenPartsOptions): OpenBtLink {
  const { connection, clock, buffers, welcome, fast, sendAll, extended } = options;
  const { handler, uploadLimit: limit, sent } = welcome;
  const send = (message: BtMessage): void => sendAll([message]);
  const leaves = new LeafHashes({ handler, send });
  const downloads = new BlockDownloads({
    handler,
    request: (blocks) => sendAll(blocks.map((block) => ({ type: 'request', ...block }))),
    cancel: (blocks) => sendAll(blocks.map((block) => ({ type: 'cancel', ...block }))),
  });
  downloads.limit = DEFAULT_PEER_QUEUED_BLOCKS;
  const uploads = new BlockUploads({
    connection,
    clock,
    buffers,
    limit,
    sent,
    onSent(bytes) {
      leaves.sent(bytes);
      handler.onSent(bytes);
    },
    onFault(error, blocks) {
      if (fast) for (const block of blocks) send({ type: 'reject', ...block });
      handler.onSourceFault(error);
    },
  });
  const metadata = new MetadataSlices();
  return { handler, downloads, uploads, metadata, leaves, fast, store: undefined, send, extended };
}
