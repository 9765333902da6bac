import { describe, expect, it } from 'vitest';
import { MAX_PEERS_PER_ANSWER } from '../../../src/limits.ts';
import type { HttpRequest } from '../../../src/tracker-server/http/http-request.ts';
import { encodeHttpResponse, PLAIN_TEXT } from '../../../src/tracker-server/http/http-response.ts';
import { announcement, infoHashOfContent } from '../announcing.ts';
import { query, someTracker } from './some-tracker.ts';

const REQUEST: Pick<HttpRequest, 'method' | 'version' | 'keepsAlive'> = {
  method: 'GET',
  version: '1.1',
  keepsAlive: true,
};

function trackerOfManyPeers() {
  const { answers, registry } = someTracker();
  for (const content of [1, 2])
    for (let port = 1; port <= MAX_PEERS_PER_ANSWER + 1; port++)
      registry.announce(
        announcement({ content, host: `2001:db8:1111:2222:3333:4444:5555:${content}`, port: 60_000 + port }),
        600_000,
      );
  const announce = (content: number): readonly Uint8Array[] => {
    const asked = query({ infoHash: infoHashOfContent(content), peersWanted: MAX_PEERS_PER_ANSWER });
    const body = answers.announce(asked.replace('compact=1', 'compact=0'), '2001:db8::9');
    return encodeHttpResponse({ status: 200, contentType: PLAIN_TEXT, body }, REQUEST);
  };
  return { announce };
}

describe('the longest answer to an announcement', () => {
  it('stays as it is while the next one is made, for it may not have been sent by then', () => {
    const { announce } = trackerOfManyPeers();
    const first = announce(1);
    const text = Buffer.concat(first).toString('latin1');
    announce(2);
    expect(Buffer.concat(first).toString('latin1')).toBe(text);
  });
});
