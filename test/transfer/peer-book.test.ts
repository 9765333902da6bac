import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../src/holdings/holding.ts';
import {
  DIAL_HEAD_START_MS,
  HANDSHAKE_HEAD_START_MS,
  MAX_PEERS_KNOWN,
  REDIAL_MAX_MS,
  REDIAL_MIN_MS,
} from '../../src/limits.ts';
import { PeerBook } from '../../src/transfer/peer-book.ts';

const alice = 'a1'.repeat(20) as PeerId;
const bob = 'b0'.repeat(20) as PeerId;
const at = (host: string) => ({ host, port: 47_470 });
const none: ReadonlySet<PeerId> = new Set();

function dueHosts(book: PeerBook, now: number, linked: ReadonlySet<PeerId> = none): string[] {
  return book.due(now, linked).map(({ endpoint }) => endpoint.host);
}

describe('the peer book', () => {
  it('offers an address at once when it is learned', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    expect(dueHosts(book, 0)).toEqual(['10.0.0.1']);
  });

  it('offers one address of a peer at a time, and none while it is linked', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    book.learn(at('fd00::1'), alice, 0);
    expect(dueHosts(book, 0)).toEqual(['10.0.0.1']);
    book.dialing(at('10.0.0.1'), 0);
    expect(dueHosts(book, 0)).toEqual([]);
    book.linked(at('10.0.0.1'), alice);
    expect(dueHosts(book, 0, new Set([alice]))).toEqual([]);
  });

  it('tries the next address of a peer when one fails', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    book.learn(at('fd00::1'), alice, 0);
    book.dialing(at('10.0.0.1'), 0);
    book.failed(at('10.0.0.1'), 10);
    expect(dueHosts(book, 10)).toEqual(['fd00::1']);
  });

  it('offers the preferred address of a peer first, and the next when that has had its head start', () => {
    const book = new PeerBook(({ host }) => ({
      preference: host.startsWith('192.') ? 0 : 1,
      lastResort: false,
    }));
    book.learn(at('10.8.0.1'), alice, 0);
    book.learn(at('192.168.0.1'), alice, 0);
    expect(dueHosts(book, 0)).toEqual(['192.168.0.1']);
    book.dialing(at('192.168.0.1'), 0);
    expect(dueHosts(book, DIAL_HEAD_START_MS - 1)).toEqual([]);
    expect(dueHosts(book, DIAL_HEAD_START_MS)).toEqual(['10.8.0.1']);
  });

  it('waits for better addresses of a peer whose first answer came through a tunnel', () => {
    const book = new PeerBook(({ host }) => ({ preference: 0, lastResort: host.startsWith('10.8.') }));
    book.learn(at('10.8.0.1'), alice, 0);
    expect(dueHosts(book, DIAL_HEAD_START_MS - 1)).toEqual([]);
    expect(dueHosts(book, DIAL_HEAD_START_MS)).toEqual(['10.8.0.1']);
    book.learn(at('192.168.0.1'), alice, 5);
    expect(dueHosts(book, 5)).toEqual(['192.168.0.1']);
  });

  it('does not wait with an address in a tunnel that the user gave', () => {
    const book = new PeerBook(() => ({ preference: 0, lastResort: true }));
    book.learn(at('10.8.0.1'), undefined, 0);
    expect(dueHosts(book, 0)).toEqual(['10.8.0.1']);
  });

  it('gives a peer longer to answer at an address where the connection stands', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    book.learn(at('fd00::1'), alice, 0);
    book.dialing(at('10.0.0.1'), 0);
    book.connected(at('10.0.0.1'), 100);
    expect(dueHosts(book, 99 + HANDSHAKE_HEAD_START_MS)).toEqual([]);
    expect(dueHosts(book, 100 + HANDSHAKE_HEAD_START_MS)).toEqual(['fd00::1']);
  });

  it('offers the other addresses of a peer at once when its link is lost', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    book.learn(at('10.1.0.1'), alice, 0);
    for (let failure = 0; failure < 5; failure++) book.failed(at('10.1.0.1'), 0);
    book.linked(at('10.0.0.1'), alice);
    book.ended(at('10.0.0.1'), 10);
    book.tryOthers(alice, at('10.0.0.1'), 10);
    expect(dueHosts(book, 10)).toEqual(['10.1.0.1']);
  });

  it('offers what failed at once when our own network has changed', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    for (let failure = 0; failure < 5; failure++) book.failed(at('10.0.0.1'), 0);
    book.tryAll(1);
    expect(dueHosts(book, 1)).toEqual(['10.0.0.1']);
  });

  it('waits twice as long after each failure, up to a limit', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    let now = 0;
    let waitMs = REDIAL_MIN_MS;
    for (let failure = 0; failure < 10; failure++) {
      book.failed(at('10.0.0.1'), now);
      expect(dueHosts(book, now + waitMs - 1)).toEqual([]);
      expect(dueHosts(book, now + waitMs)).toEqual(['10.0.0.1']);
      now += waitMs;
      waitMs = Math.min(2 * waitMs, REDIAL_MAX_MS);
    }
  });

  it('dials at once where somebody new is heard at an address that failed', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    for (let failure = 0; failure < 5; failure++) book.failed(at('10.0.0.1'), 0);
    book.learn(at('10.0.0.1'), bob, 1);
    expect(dueHosts(book, 1)).toEqual(['10.0.0.1']);
  });

  it('never offers a banned peer again, under whatever address', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    book.ban(at('10.0.0.1'), alice);
    book.learn(at('10.0.0.2'), alice, 0);
    expect(dueHosts(book, 1_000_000)).toEqual([]);
    expect(book.isBanned(alice)).toBe(true);
  });

  it('forgets a peer that said goodbye', () => {
    const book = new PeerBook();
    book.learn(at('10.0.0.1'), alice, 0);
    book.forget(alice);
    expect(dueHosts(book, 0)).toEqual([]);
  });

  it('stays bounded whatever it is told', () => {
    const book = new PeerBook();
    for (let count = 0; count < MAX_PEERS_KNOWN + 500; count++) book.learn(at(`host-${count}`), undefined, 0);
    expect(book.due(0, none).length).toBe(MAX_PEERS_KNOWN);
  });
});
