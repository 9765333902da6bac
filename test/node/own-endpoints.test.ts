import { describe, expect, it } from 'vitest';
import { MAX_OWN_ENDPOINTS_MET } from '../../src/limits.ts';
import { HostEndpoints } from '../../src/node/own-endpoints.ts';

describe("a node's own endpoints", () => {
  it('are its port at all addresses of its host', () => {
    const own = new HostEndpoints(47_470, new Set(['10.77.0.2', 'fe80::1', '127.0.0.1']));
    expect(own.has({ host: '10.77.0.2', port: 47_470 })).toBe(true);
    expect(own.has({ host: 'fe80::1%eth0', port: 47_470 })).toBe(true);
    expect(own.has({ host: '10.77.0.2', port: 47_471 })).toBe(false);
    expect(own.has({ host: '10.77.0.3', port: 47_470 })).toBe(false);
  });

  it('are those at which it has met itself, too, until the network changes', () => {
    const own = new HostEndpoints(1, new Set(['10.77.0.2']));
    const behindRouter = { host: '203.0.113.5', port: 50_000 };
    own.met(behindRouter);
    expect(own.has(behindRouter)).toBe(true);
    own.networkChanged(new Set(['10.77.0.9']));
    expect(own.has(behindRouter)).toBe(false);
    expect(own.has({ host: '10.77.0.2', port: 1 })).toBe(false);
    expect(own.has({ host: '10.77.0.9', port: 1 })).toBe(true);
  });

  it('are bounded in number', () => {
    const own = new HostEndpoints(1, new Set());
    for (let port = 1; port <= MAX_OWN_ENDPOINTS_MET + 1; port++) own.met({ host: '10.0.0.1', port });
    expect(own.has({ host: '10.0.0.1', port: MAX_OWN_ENDPOINTS_MET })).toBe(true);
    expect(own.has({ host: '10.0.0.1', port: MAX_OWN_ENDPOINTS_MET + 1 })).toBe(false);
  });
});
