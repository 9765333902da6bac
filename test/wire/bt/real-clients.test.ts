import { describe, expect, it } from 'vitest';
import type { ExtensionHandshake } from '../../../src/wire/bt/message.ts';
import { cutAt, decodeAll, extendedFrame } from './bt-stream.ts';
import { compareBytesByValue } from './bytes-by-value.ts';

compareBytesByValue();

/*
 * What real programs sent on loopback, each as the seeder of the same 64 KiB in two pieces, to a peer that asked for
 * the metadata and was interested. Peer ids and numbers are as they were.
 */

const INFO_HASH = '6a86a2954c8d1493188c17867f010f2e15803bee';
const PIECES = Buffer.from('1edf14b9f91477ed8071b1f66e2d4c2849501b91'.repeat(2), 'hex').toString('latin1');
const INFO = `d6:lengthi65536e4:name7:cap.bin12:piece lengthi32768e6:pieces40:${PIECES}e`;
/** All three ask for it and give it in the same words, under the id that the peer chose. */
const METADATA = extendedFrame(1, `d8:msg_typei1e5:piecei0e10:total_sizei105ee${INFO}`);

const start = (reservedAndInfoHash: string, peerId: string): Uint8Array =>
  Buffer.concat([
    Buffer.from('13426974546f7272656e742070726f746f636f6c', 'hex'),
    Buffer.from(reservedAndInfoHash, 'hex'),
    Buffer.from(peerId, 'latin1'),
  ]);
const hex = (frame: string): Uint8Array => Buffer.from(frame, 'hex');

const metadata = {
  type: 'metadata',
  piece: 0,
  totalSize: 105,
  bytes: Buffer.from(INFO, 'latin1'),
};
const fastBits = { extensions: true, fast: true, v2: false };
const extension = (said: Partial<ExtensionHandshake>): object => ({
  type: 'extension handshake',
  extension: {
    metadataId: undefined,
    peerExchangeId: undefined,
    metadataSize: 105,
    port: undefined,
    client: undefined,
    maxRequests: undefined,
    uploadOnly: false,
    ...said,
  },
});

const libtorrent = {
  sent: [
    start(`0000000000100005${INFO_HASH}`, '-LT2080-_nE1sEPcVgvU'),
    extendedFrame(
      0,
      'd12:complete_agoi-1e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e' +
        '11:ut_metadatai2e6:ut_pexi1ee13:metadata_sizei105e4:reqqi2000e11:upload_onlyi1e' +
        '1:v18:libtorrent/2.0.8.06:yourip4:\x7f\0\0\x01e',
    ),
    hex('000000010e'),
    hex('0000000101'),
    METADATA,
    hex('000000051100000000'),
    hex('000000051100000001'),
    hex('0000000101'),
  ],
  said: [
    {
      type: 'handshake',
      infoHash: INFO_HASH,
      peerId: Buffer.from('-LT2080-_nE1sEPcVgvU'),
      supports: fastBits,
    },
    extension({
      metadataId: 2,
      peerExchangeId: 1,
      maxRequests: 2_000,
      client: 'libtorrent/2.0.8.0',
      uploadOnly: true,
    }),
    { type: 'have all' },
    { type: 'unchoke' },
    metadata,
    { type: 'allowed fast', index: 0 },
    { type: 'allowed fast', index: 1 },
    { type: 'unchoke' },
  ],
};

const aria2 = {
  sent: [
    start(`0000000000100004${INFO_HASH}`, 'A2-1-36-0-/\x0e\xe9\xb2\x8a\xfb\xf5\xd6\x17\xd9'),
    extendedFrame(0, 'd1:md11:ut_metadatai9e6:ut_pexi8ee13:metadata_sizei105e1:pi7102e1:v12:aria2/1.36.0e'),
    hex('000000010e'),
    hex('000000051100000001'),
    hex('000000051100000000'),
    METADATA,
    hex('0000000101'),
    extendedFrame(2, 'de'),
  ],
  said: [
    {
      type: 'handshake',
      infoHash: INFO_HASH,
      peerId: Buffer.from('A2-1-36-0-/\x0e\xe9\xb2\x8a\xfb\xf5\xd6\x17\xd9', 'latin1'),
      supports: fastBits,
    },
    extension({ metadataId: 9, peerExchangeId: 8, port: 7_102, client: 'aria2/1.36.0' }),
    { type: 'have all' },
    { type: 'allowed fast', index: 1 },
    { type: 'allowed fast', index: 0 },
    metadata,
    { type: 'unchoke' },
    { type: 'peer exchange', added: [], dropped: [] },
  ],
};

const transmission = {
  sent: [
    start(`0000000000100004${INFO_HASH}`, '-TR3000-2d419teycyn5'),
    extendedFrame(
      0,
      'd1:ei1e1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei105e1:pi7104e4:reqqi512e' +
        '11:upload_onlyi1e1:v17:Transmission 3.00e',
    ),
    hex('000000010e'),
    extendedFrame(2, 'd5:added6:\x7f\0\0\x01\xe0\x9a7:added.f1:\0e'),
    METADATA,
  ],
  said: [
    {
      type: 'handshake',
      infoHash: INFO_HASH,
      peerId: Buffer.from('-TR3000-2d419teycyn5'),
      supports: fastBits,
    },
    extension({
      metadataId: 3,
      peerExchangeId: 1,
      port: 7_104,
      maxRequests: 512,
      client: 'Transmission 3.00',
      uploadOnly: true,
    }),
    { type: 'have all' },
    {
      type: 'peer exchange',
      added: [{ endpoint: { host: '127.0.0.1', port: 57_498 }, seed: false }],
      dropped: [],
    },
    metadata,
  ],
};

describe.each([
  ['libtorrent 2.0.8', libtorrent],
  ['aria2 1.36', aria2],
  ['Transmission 3.00', transmission],
])('what %s sends', (_program, { sent, said }) => {
  it('is read', () => {
    expect(decodeAll([Buffer.concat(sent)])).toEqual(said);
  });

  it('is read wherever it is cut in two', () => {
    const stream = Buffer.concat(sent);
    for (let cut = 0; cut <= stream.length; cut++) expect(decodeAll(cutAt(stream, [cut]))).toEqual(said);
  });
});
