import { describe, expect, it } from 'vitest';
import { readStoreUrl } from '../../../src/tracker-server/store/store-url.ts';

const redis = {
  kind: 'redis',
  port: 6379,
  tls: false,
  database: 0,
  username: undefined,
  password: undefined,
};

describe('what --store names', () => {
  it.each([
    ['memory', { kind: 'memory' }],
    ['sqlite:tracker.db', { kind: 'sqlite', path: 'tracker.db' }],
    ['sqlite:/var/lib/tracker.db', { kind: 'sqlite', path: '/var/lib/tracker.db' }],
    ['sqlite:///var/lib/tracker.db', { kind: 'sqlite', path: '/var/lib/tracker.db' }],
    ['sqlite:a file?#.db', { kind: 'sqlite', path: 'a file?#.db' }],
    ['redis://10.0.0.5', { ...redis, host: '10.0.0.5' }],
    ['redis://cache:7000/3', { ...redis, host: 'cache', port: 7000, database: 3 }],
    ['valkey://[fd00::1]:7000', { ...redis, host: 'fd00::1', port: 7000 }],
    ['rediss://10.0.0.5/', { ...redis, host: '10.0.0.5', tls: true }],
    ['valkeys://10.0.0.5', { ...redis, host: '10.0.0.5', tls: true }],
    ['redis://:p%40ss@h', { ...redis, host: 'h', password: 'p@ss' }],
    ['redis://me:secret@h', { ...redis, host: 'h', username: 'me', password: 'secret' }],
  ])('%s', (text, place) => {
    expect(readStoreUrl(text)).toEqual(place);
  });

  it.each([
    '',
    'disk',
    'sqlite',
    'sqlite:',
    'sqlite::memory:',
    'sqlite://host/path',
    'postgres://h/db',
    'redis:',
    'redis://',
    'redis:///3',
    'redis://h:99999',
    'redis://h/name',
    'redis://h/1?x=y',
    'redis://%zz@h',
  ])('%j is refused', (text) => {
    expect(() => readStoreUrl(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('a password is not repeated', () => {
    for (const text of ['redis://me:secret@h/name', 'postgres://me:secret@h', 'redis://:sec@ret@h:x'])
      expect(() => readStoreUrl(text)).toThrow(/^(?!.*sec)/);
  });
});
