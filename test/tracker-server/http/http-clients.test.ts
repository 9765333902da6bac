import { describe, expect, it } from 'vitest';
import { MAX_HTTP_CONNECTIONS } from '../../../src/limits.ts';
import { HttpClients } from '../../../src/tracker-server/http/http-clients.ts';
import { httpClientLimits } from '../../../src/tracker-server/http/http-service.ts';

const LIMITS = { connections: 4, connectionsPerAddress: 2 };

function client(address: string, lastRequestAt: number) {
  return { address, lastRequestAt };
}

describe('the connections that are open', () => {
  it('have room for another one as long as neither limit is reached', () => {
    const clients = new HttpClients(LIMITS);
    for (const address of ['a', 'a', 'b', 'b']) expect(clients.add(client(address, 1))).toBeUndefined();
    expect(clients.count).toBe(4);
  });

  it('of one address give way to each other, the one that is idle longest first', () => {
    const clients = new HttpClients(LIMITS);
    const other = client('b', 0);
    const idle = client('a', 1);
    for (const one of [other, client('a', 2), idle]) clients.add(one);
    expect(clients.add(client('a', 3))).toBe(idle);
    expect([...clients]).not.toContain(idle);
    expect([...clients]).toContain(other);
  });

  it('of all addresses give way to a new one', () => {
    const clients = new HttpClients(LIMITS);
    const idle = client('c', 1);
    for (const one of [client('a', 5), client('b', 2), idle, client('d', 3)]) clients.add(one);
    expect(clients.add(client('e', 6))).toBe(idle);
    expect(clients.count).toBe(4);
  });

  it('leave nothing behind, also when the same one is removed twice', () => {
    const clients = new HttpClients(LIMITS);
    const one = client('a', 1);
    clients.add(one);
    clients.remove(one);
    clients.remove(one);
    expect(clients.count).toBe(0);
    for (const at of [1, 2]) expect(clients.add(client('a', at))).toBeUndefined();
  });
});

describe('how many connections may be open', () => {
  it('is less than the system allows files, which else refused those that come', () => {
    expect(httpClientLimits(400).connections).toBeLessThan(400 - 30);
    expect(httpClientLimits(400).connections).toBeGreaterThan(300);
    expect(httpClientLimits(10).connections).toBe(1);
  });

  it('is our own limit where the system allows more, or says nothing', () => {
    expect(httpClientLimits(1_000_000).connections).toBe(MAX_HTTP_CONNECTIONS);
    expect(httpClientLimits(Number.POSITIVE_INFINITY).connections).toBe(MAX_HTTP_CONNECTIONS);
  });
});
