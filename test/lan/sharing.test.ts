import { randomBytes } from 'node:crypto';
import { chmod, readdir, stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnLan, finished, lanshare, MiB, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

describeOnLan('share on one host, fetch on another', () => {
  let lan: Lan;
  beforeAll(() => {
    lan = makeLan({ hosts: 2 });
  });
  afterAll(() => lan.close());

  const seats = async (): Promise<[Seat, Seat]> => [await seatAt(lan.host(1)), await seatAt(lan.host(2))];

  it('a file is found by its name and arrives identical', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt', randomBytes(3 * MiB));
    const sharer = await here.share('movie.txt');

    const { code, result } = await there.fetch('movie.txt');

    expect(code).toBe(0);
    expect(result).toMatchObject({
      event: 'done',
      bytes: content.length,
      infoHash: sharer.infoHash,
      peers: 1,
    });
    expect(result['path']).toBe(there.at('movie.txt'));
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
    expect(await readdir(there.folder)).toEqual(['movie.txt']);
  });

  it('share writes NAME.torrent beside it, from which the file is fetched', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt');
    const sharer = await here.share('movie.txt');
    expect(sharer.sharing['torrent']).toBe(here.at('movie.torrent'));
    await there.put('other-name.torrent', await here.read('movie.torrent'));

    const { code, result } = await there.fetch('other-name.torrent');

    expect({ code, event: result.event }).toEqual({ code: 0, event: 'done' });
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
  });

  it('NAME.torrent that is not there stands for what is shared as NAME', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt');
    await here.share('movie.txt');

    expect(await there.fetch('movie.torrent')).toMatchObject({ code: 0 });
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
  });

  it('an info-hash is enough', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt');
    const { infoHash } = await here.share('movie.txt');

    expect(await there.fetch(infoHash)).toMatchObject({ code: 0 });
    expect(sha256(await there.read('movie.txt'))).toBe(sha256(content));
  });

  it('a folder arrives with its files, empty files and executable bits', async () => {
    const [here, there] = await seats();
    const contents = new Map([
      ['album/one.bin', await here.put('album/one.bin', randomBytes(700_000))],
      ['album/empty', await here.put('album/empty', '')],
      ['album/deep/down/two.bin', await here.put('album/deep/down/two.bin', randomBytes(300_000))],
      ['album/deep/größe 界.txt', await here.put('album/deep/größe 界.txt', 'name')],
      ['album/run.sh', await here.put('album/run.sh', '#!/bin/sh\n')],
    ]);
    await chmod(here.at('album/run.sh'), 0o755);
    await here.share('album');

    expect(await there.fetch('album')).toMatchObject({ code: 0 });

    for (const [name, content] of contents) expect(sha256(await there.read(name))).toBe(sha256(content));
    expect((await stat(there.at('album/run.sh'))).mode & 0o111).not.toBe(0);
    expect((await stat(there.at('album/one.bin'))).mode & 0o111).toBe(0);
    expect(await readdir(there.folder)).toEqual(['album']);
  });

  it('an empty file arrives', async () => {
    const [here, there] = await seats();
    await here.put('nothing.txt', '');
    await here.share('nothing.txt');

    expect(await there.fetch('nothing.txt')).toMatchObject({ code: 0 });
    expect(await there.read('nothing.txt')).toHaveLength(0);
  });

  it('one share command offers several paths, and --name another name', async () => {
    const [here, there] = await seats();
    await here.put('a.txt', 'first');
    await here.put('b.txt', 'second');
    const both = here.start(['share', '--json', 'a.txt', 'b.txt']);
    await both.event('sharing', { matches: ({ name }) => name === 'b.txt' });
    await here.put('c.txt', 'third');
    await here.share('c.txt', '--name', 'renamed.txt');

    for (const name of ['a.txt', 'b.txt', 'renamed.txt']) {
      expect(await there.fetch(name)).toMatchObject({ code: 0 });
    }
    expect(String(await there.read('a.txt'))).toBe('first');
    expect(String(await there.read('b.txt'))).toBe('second');
    expect(String(await there.read('renamed.txt'))).toBe('third');
  });

  it('--stdout gives the bytes in order to a pipe and leaves nothing on disk', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt', randomBytes(2 * MiB + 7));
    await here.share('movie.txt');

    const command = lanshare('fetch', '--stdout', 'movie.txt');
    const { stdout } = await there.host.run(['sh', '-c', '"$@" | sha256sum', 'sh', ...command], there.place);

    expect(stdout).toBe(`${sha256(content)}  -\n`);
    expect(await readdir(there.folder)).toEqual([]);
  });

  it('--out and its environment variable choose the folder', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt');
    await here.share('movie.txt');
    await there.put('a/already', '');
    await there.put('b/already', '');

    expect(await there.fetch('movie.txt', '--out', 'a')).toMatchObject({ code: 0 });
    expect(await there.run(['fetch', 'movie.txt'], { env: { LANSHARE_OUT: there.at('b') } })).toMatchObject({
      code: 0,
    });

    expect(sha256(await there.read('a/movie.txt'))).toBe(sha256(content));
    expect(sha256(await there.read('b/movie.txt'))).toBe(sha256(content));
  });

  it('with --json every line of stdout is one event, whatever else is said', async () => {
    const [here, there] = await seats();
    await here.put('movie.txt', randomBytes(MiB));
    const sharer = here.start(['share', '--json', '--verbose', 'movie.txt']);
    await sharer.event('sharing');
    const { events, stderr } = await there.fetch('--verbose', 'movie.txt');

    expect(events.every((event) => typeof event.event === 'string')).toBe(true);
    expect(sharer.events().map((event) => event.event)).toEqual(
      expect.arrayContaining(['listening', 'sharing']),
    );
    expect(events.map((event) => event.event)).toEqual(expect.arrayContaining(['peer', 'done']));
    expect(stderr).toMatch(/handshake|hello/i);
  });

  it('without --json stdout stays empty and the sharer prints the command for the other machine', async () => {
    const [here, there] = await seats();
    await here.put('my movie.txt');
    const sharer = here.start(['share', 'my movie.txt']);
    await sharer.says(/lanshare fetch ['"]my movie\.txt['"]/);

    const { code, stdout, stderr } = await there.run(['fetch', 'my movie.txt']);

    expect({ code, stdout, sharer: sharer.stdout }).toEqual({ code: 0, stdout: '', sharer: '' });
    expect(stderr).toContain('my movie.txt');
  });

  it('list shows what is shared on the LAN', async () => {
    const [here, there] = await seats();
    await here.put('movie.txt', randomBytes(123_456));
    const { infoHash } = await here.share('movie.txt');

    const list = await finished(there.start(['list', '--json']));

    expect(list.code).toBe(0);
    expect(list.events).toContainEqual(
      expect.objectContaining({ event: 'content', name: 'movie.txt', infoHash, size: 123_456 }),
    );
  });

  it('info reads a torrent, verify compares what lies beside it', async () => {
    const [here] = await seats();
    await here.put('movie.txt');
    const { infoHash } = await here.share('movie.txt');

    const info = await here.run(['info', 'movie.torrent']);
    expect(info.code).toBe(0);
    expect(info.stdout + info.stderr).toContain(infoHash);
    expect(await here.run(['verify', 'movie.torrent'])).toMatchObject({ code: 0 });
    await here.put('movie.txt', randomBytes(100_000));
    expect(await here.run(['verify', 'movie.torrent'])).toMatchObject({ code: 7 });
  });

  it('a file that lies there already is recognised, a different one is left alone', async () => {
    const [here, there] = await seats();
    const content = await here.put('movie.txt');
    await here.share('movie.txt');
    await there.put('same/movie.txt', content);
    const other = await there.put('other/movie.txt', 'mine');

    const same = await there.fetch('movie.txt', '--out', 'same');
    expect(same).toMatchObject({ code: 0, result: { event: 'done', alreadyThere: true } });
    const different = await there.fetch('movie.txt', '--out', 'other');
    expect(different).toMatchObject({
      code: 6,
      result: { event: 'error', code: 'EXISTS_DIFFERENT', exitCode: 6 },
    });
    expect(sha256(await there.read('other/movie.txt'))).toBe(sha256(other));
  });

  it('share without a path offers the folder shares', async () => {
    const [here, there] = await seats();
    await here.put('shares/movie.txt', 'sample');
    await here.share();

    expect(await there.fetch('movie.txt')).toMatchObject({ code: 0 });
    expect(String(await there.read('movie.txt'))).toBe('sample');
  });
});
