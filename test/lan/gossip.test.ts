import { afterEach, expect, it } from 'vitest';
import { describeOnLan, finished, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

describeOnLan(
  'where multicast and broadcast are blocked, one node that can be reached makes all visible',
  () => {
    let lan: Lan;
    afterEach(() => lan.close());

    async function mutedSeats(count: number): Promise<Seat[]> {
      lan = makeLan({ hosts: count });
      for (const host of lan.hosts) host.mute();
      return Promise.all(lan.hosts.map(seatAt));
    }

    it('a fetch that knows a bystander finds the sharer, and deals with it directly', async () => {
      const [sharing, between, fetching] = (await mutedSeats(3)) as [Seat, Seat, Seat];
      between.host.unmute();
      const content = await sharing.put('movie.txt');
      await between.put('other.txt');
      const bystander = await between.share('other.txt');
      await sharing.share('movie.txt', '--peer', between.host.ipv4);

      const fetch = fetching.start(
        ['fetch', '--json', 'movie.txt', '--peer', between.host.ipv4, '--seed', 'forever'],
        {},
      );
      const done = await fetch.event('done');
      expect(done).toMatchObject({ bytes: content.length });
      expect(sha256(await fetching.read('movie.txt'))).toBe(sha256(content));
      expect(fetch.events()).toContainEqual(
        expect.objectContaining({
          event: 'peer',
          state: 'connected',
          address: expect.stringContaining(sharing.host.ipv4),
        }),
      );

      // They know each other without the bystander.
      bystander.kill('SIGKILL');
      await bystander.exit();
      expect(await listed(sharing)).toContainEqual(['movie.txt', 2]);
      fetch.kill('SIGINT');
      await finished(fetch);
    });

    it('in a chain of five, each knowing its left neighbour, everybody lists all shares', async () => {
      const seats = await mutedSeats(5);
      for (const [place, seat] of seats.entries()) {
        await seat.put(`file${place}.txt`, `${place}`);
        const left = seats[place - 1];
        await seat.share(`file${place}.txt`, ...(left === undefined ? [] : ['--peer', left.host.ipv4]));
      }
      const all = seats.map((_, place) => [`file${place}.txt`, 1]);
      for (const lists of await Promise.all(seats.map(listed))) expect(lists).toEqual(all);
    });
  },
);

/** Names and numbers of holders, as `lanshare list` gives them on that host. */
async function listed(seat: Seat): Promise<readonly (readonly [string, number])[]> {
  const { stdout } = await seat.run(['list', '--json']);
  const contents = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'content');
  return contents.map(({ name, holders }) => [name, holders.length] as const);
}
