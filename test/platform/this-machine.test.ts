import { describe, expect, it } from 'vitest';
import { isThisMachine, type Machine, thisMachine } from '../../src/platform/this-machine.ts';

const NAMES: Record<string, readonly string[]> = {
  'lab7.example.org': ['10.77.0.7'],
  'alias.local': ['fd77::7'],
  'lab8.example.org': ['10.77.0.8'],
  loop: ['127.0.1.1'],
};

const lab7: Machine = {
  hostName: 'Lab7',
  addresses: () => ['127.0.0.1', '10.77.0.7', 'fd77::7', 'fe80::1'],
  lookUp: async (name) => NAMES[name] ?? [],
};

describe('a host is this machine', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'lab7',
    '127.0.0.1',
    '127.3.2.1',
    '::1',
    '0:0:0:0:0:0:0:1',
    '10.77.0.7',
    'FD77:0::7',
    'fe80::1%eth0',
    'lab7.example.org',
    'alias.local',
    'loop',
  ])('%s', async (host) => {
    expect(await isThisMachine(host, lab7)).toBe(true);
  });

  it.each(['10.77.0.8', 'fd77::8', 'lab8.example.org', 'nowhere.example.org', '128.0.0.1', 'lab70'])(
    'and %s is not',
    async (host) => {
      expect(await isThisMachine(host, lab7)).toBe(false);
    },
  );

  it('a plain name is not looked up', async () => {
    const machine = { ...lab7, lookUp: () => Promise.reject(new Error('looked up')) };
    expect(await isThisMachine('localhost', machine)).toBe(true);
    expect(await isThisMachine('lab7', machine)).toBe(true);
  });

  it('the real one has addresses and a name, and knows localhost', async () => {
    expect(thisMachine.addresses()).toContain('127.0.0.1');
    expect(await isThisMachine(thisMachine.hostName, thisMachine)).toBe(true);
    expect(await thisMachine.lookUp('localhost')).not.toEqual([]);
    expect(await thisMachine.lookUp('no such name')).toEqual([]);
  });
});
