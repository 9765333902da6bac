import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonConfigText, decodeConfig, peerInfoText } from '../../src/classroom/config/config-text.ts';
import { parseCommonConfig } from '../../src/classroom/config/parse-common.ts';
import { parsePeerInfo } from '../../src/classroom/config/parse-peer-info.ts';
import type { CommonConfig, ListedPeer, ListedPeerId } from '../../src/classroom/config/project.ts';
import { peerIn, projectOf } from '../../src/classroom/config/project-of.ts';
import { LanshareError } from '../../src/errors.ts';
import { MAX_FILE_BYTES, MAX_LISTED_PEERS, MAX_PIECE_LENGTH_BYTES } from '../../src/limits.ts';

const COMMON = `NumberOfPreferredNeighbors 3
UnchokingInterval 5
OptimisticUnchokingInterval 10
FileName thefile
FileSize 2167705
PieceSize 16384
`;

const READ: CommonConfig = {
  preferredNeighbors: 3,
  unchokingIntervalSeconds: 5,
  optimisticUnchokingIntervalSeconds: 10,
  fileName: 'thefile',
  fileSize: 2_167_705,
  pieceSize: 16_384,
};

const PEERS = `1001 lin114-00.cise.ufl.edu 6001 1
1002 lin114-01.cise.ufl.edu 6001 0
1003 localhost 6003 0
`;

/** COMMON with one line written otherwise. */
function commonWith(line: number, text: string): string {
  return COMMON.split('\n')
    .map((whole, at) => (at === line - 1 ? text : whole))
    .join('\n');
}

function faultOf(run: () => unknown): { code: string; message: string; hint: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof LanshareError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('it was accepted');
}

const commonFault = (text: string) => faultOf(() => parseCommonConfig(text));
const peersFault = (text: string) => faultOf(() => parsePeerInfo(text));

describe('Common.cfg', () => {
  it("is read as the assignment's example has it", () => {
    expect(parseCommonConfig(COMMON)).toEqual({ common: READ, notes: [] });
  });

  it.each([
    [
      'blank lines and blanks around everything',
      `\n  \n${COMMON.replaceAll('\n', ' \t\n\n').replaceAll(' ', '  ')}`,
    ],
    ['tabs', COMMON.replaceAll(' ', '\t')],
    ['lines that end with CR LF', COMMON.replaceAll('\n', '\r\n')],
    ['lines that end with a lone CR', COMMON.replaceAll('\n', '\r')],
    ['no end of the last line', COMMON.trimEnd()],
    ['a byte order mark', `\ufeff${COMMON}`],
    ['comments', `# ours\n//theirs\n${COMMON.replaceAll('\n', ' # note\n')}`],
    [
      'comments that stand right behind a number',
      COMMON.replace('16384', '16384//bytes').replace('10\n', '10#s\n'),
    ],
    ['an equals sign', COMMON.replaceAll(' ', ' = ')],
    ['a colon', COMMON.replaceAll(' ', ': ')],
    ['a separator without blanks', COMMON.replaceAll(' ', '=')],
    ['small letters', COMMON.toLowerCase()],
    ['capitals with underscores', COMMON.replace('UnchokingInterval', 'UNCHOKING_INTERVAL')],
    ['British spelling', COMMON.replace('Neighbors', 'Neighbours')],
    ['another order', COMMON.trimEnd().split('\n').reverse().join('\n')],
  ])('may have %s', (_, text) => {
    expect(parseCommonConfig(text)).toEqual({ common: READ, notes: [] });
  });

  it('may have lines that nobody knows: each is told with its place', () => {
    const { common, notes } = parseCommonConfig(`[Common]\n${COMMON}MaxSpeed 7\n`);
    expect(common).toEqual(READ);
    expect(notes).toEqual([
      'Common.cfg line 1: "[Common]" is no key of this file; the line is left out',
      'Common.cfg line 8: "MaxSpeed" is no key of this file; the line is left out',
    ]);
  });

  it('tells no more than a few of such lines one by one', () => {
    const { notes } = parseCommonConfig(COMMON + 'Noise 1\n'.repeat(100));
    expect(notes).toHaveLength(11);
    expect(notes.at(-1)).toBe('Common.cfg: 90 more lines are left out for the same reason');
  });

  it.each(['The File.dat', 'song#1.mp3', 'a=b:c', 'Übung.pdf', '1', 'FileName'])(
    'names the file "%s"',
    (name) => {
      expect(parseCommonConfig(commonWith(4, `FileName ${name} `)).common.fileName).toBe(name);
    },
  );

  it.each([
    ['NumberOfPreferredNeighbors', 1],
    ['UnchokingInterval', 2],
    ['OptimisticUnchokingInterval', 3],
    ['FileName', 4],
    ['FileSize', 5],
    ['PieceSize', 6],
  ])('needs %s, once and with a value', (name, line) => {
    expect(commonFault(commonWith(line, ''))).toMatchObject({
      code: 'BAD_CONFIG',
      message: `Common.cfg: ${name} is missing`,
      hint: expect.stringContaining(`"${name} `),
    });
    expect(commonFault(commonWith(line, name)).message).toBe(`Common.cfg line ${line}: ${name} has no value`);
    expect(commonFault(`${COMMON}${name} 1`).message).toBe(
      `Common.cfg line 7: ${name} stands in line ${line} already`,
    );
  });

  it.each([
    [1, 'NumberOfPreferredNeighbors three', 'NumberOfPreferredNeighbors is "three", no whole number'],
    [1, 'NumberOfPreferredNeighbors 0', 'NumberOfPreferredNeighbors is 0, less than 1'],
    [1, 'NumberOfPreferredNeighbors -3', 'NumberOfPreferredNeighbors is -3, less than 1'],
    [2, 'UnchokingInterval 2.5', 'UnchokingInterval is "2.5", no whole number'],
    [2, 'UnchokingInterval 5s', 'UnchokingInterval is "5s", no whole number'],
    [2, 'UnchokingInterval 0', 'UnchokingInterval is 0, less than 1'],
    [3, 'OptimisticUnchokingInterval 86401', 'OptimisticUnchokingInterval is 86401, more than 86400'],
    [5, 'FileSize 0', 'FileSize is 0, less than 1'],
    [5, 'FileSize 0x10', 'FileSize is "0x10", no whole number'],
    [5, 'FileSize 1e6', 'FileSize is "1e6", no whole number'],
    [5, `FileSize ${'9'.repeat(30)}`, `FileSize is ${'9'.repeat(30)}, more than ${MAX_FILE_BYTES}`],
    [6, 'PieceSize 16,384', 'PieceSize is "16,384", no whole number'],
    [6, `PieceSize ${MAX_PIECE_LENGTH_BYTES + 1}`, `PieceSize is 67108865, more than 67108864`],
  ])('line %i may not be "%s"', (line, text, sentence) => {
    const { code, message, hint } = commonFault(commonWith(line, text));
    expect({ code, message }).toEqual({
      code: 'BAD_CONFIG',
      message: `Common.cfg line ${line}: ${sentence}`,
    });
    expect(hint).toMatch(/^write a whole number of (?:peers|seconds|bytes) from 1 to \d+$/);
  });

  it('may not ask for more pieces than fit', () => {
    const text = commonWith(5, 'FileSize 20000000000').replace('16384', '100');
    expect(commonFault(text)).toMatchObject({
      message: 'Common.cfg line 6: a PieceSize of 100 makes 200000000 pieces of the file, more than 2097152',
      hint: 'take a PieceSize of 9537 or more',
    });
    expect(parseCommonConfig(text.replace('e 100\n', 'e 9537\n')).common.pieceSize).toBe(9537);
  });

  it.each([
    ['../thefile', 'contains a path separator'],
    ['/etc/passwd', 'contains a path separator'],
    ['..', 'is a way to another folder'],
    ['a\\b', 'contains a path separator'],
    ['x'.repeat(256), 'is longer than 255 bytes'],
    ['a\u001bb', 'contains a control character'],
  ])('may not name a file "%s"', (name, why) => {
    const { code, message } = commonFault(commonWith(4, `FileName ${name}`));
    expect(code).toBe('BAD_CONFIG');
    expect(message).toMatch(/^Common\.cfg line 4: the FileName "/);
    expect(message.endsWith(why)).toBe(true);
  });

  it('never puts a control character or a long text into a sentence', () => {
    const { message } = commonFault(commonWith(6, `PieceSize \u001b[31m${'x'.repeat(10_000)}`));
    expect(message).toMatch(/^[\x20-\x7e]{1,200}$/);
  });
});

describe('PeerInfo.cfg', () => {
  const peer = (id: number, host: string, port: number, hasFile: boolean) => ({ id, host, port, hasFile });

  it('lists peers in its order', () => {
    expect(parsePeerInfo(PEERS)).toEqual([
      peer(1001, 'lin114-00.cise.ufl.edu', 6001, true),
      peer(1002, 'lin114-01.cise.ufl.edu', 6001, false),
      peer(1003, 'localhost', 6003, false),
    ]);
    const mixed = PEERS.trimEnd().split('\n').reverse().join('\n');
    expect(parsePeerInfo(mixed).map(({ id }) => id)).toEqual([1003, 1002, 1001]);
  });

  it.each([
    [
      'blank lines and blanks around everything',
      `\n  \n${PEERS.replaceAll('\n', ' \t\n\n').replaceAll(' ', '  ')}`,
    ],
    ['tabs', PEERS.replaceAll(' ', '\t')],
    ['lines that end with CR LF', PEERS.replaceAll('\n', '\r\n')],
    ['lines that end with a lone CR', PEERS.replaceAll('\n', '\r')],
    ['no end of the last line', PEERS.trimEnd()],
    ['a byte order mark', `\ufeff${PEERS}`],
    ['comments', `# ours\n//theirs\n${PEERS.replaceAll('\n', '#note\n')}`],
  ])('may have %s', (_, text) => {
    expect(parsePeerInfo(text)).toEqual(parsePeerInfo(PEERS));
  });

  it.each(['127.0.0.1', '::1', 'fe80::1%eth0', 'storm.cise.ufl.edu.', 'my_pc', 'rechner-ü'])(
    'takes the host %s',
    (host) => {
      expect(parsePeerInfo(`1 ${host} 6001 1`)[0]?.host).toBe(host);
    },
  );

  it('takes an IPv6 address in brackets, too', () => {
    expect(parsePeerInfo('1 [fd77::1] 6001 1')[0]?.host).toBe('fd77::1');
  });

  it('takes every ID that fits into four bytes', () => {
    expect(parsePeerInfo('0 a 1 1\n4294967295 b 65535 0').map(({ id }) => id)).toEqual([0, 4_294_967_295]);
  });

  it.each([
    ['1001 localhost 6001', 'a line has 4 columns, this one has 3'],
    ['1001', 'a line has 4 columns, this one has 1'],
    ['1001 localhost 6001 1 0', 'a line has 4 columns, this one has 5'],
    ['one localhost 6001 1', 'the ID is "one", no whole number'],
    ['-1 localhost 6001 1', 'the ID is -1, less than 0'],
    ['4294967296 localhost 6001 1', 'the ID is 4294967296, more than 4294967295'],
    ['1001 local/host 6001 1', '"local/host" is no host name and no IP address'],
    ['1001 localhost:6001 6001 1', '"localhost:6001" is no host name and no IP address'],
    ['1001 10.0.0.256 6001 1', '"10.0.0.256" is no host name and no IP address'],
    ['1001 fe80::1::2 6001 1', '"fe80::1::2" is no host name and no IP address'],
    ['1001 localhost 0 1', 'the port is 0, less than 1'],
    ['1001 localhost 65536 1', 'the port is 65536, more than 65535'],
    ['1001 localhost http 1', 'the port is "http", no whole number'],
    ['1001 localhost 6001 2', 'the last column is "2", neither 0 nor 1'],
    ['1001 localhost 6001 yes', 'the last column is "yes", neither 0 nor 1'],
  ])('may not have the line "%s"', (line, sentence) => {
    const { code, message, hint } = peersFault(`# one seeder\n5 other 6001 1\n${line}\n`);
    expect({ code, message }).toEqual({ code: 'BAD_CONFIG', message: `PeerInfo.cfg line 3: ${sentence}` });
    expect(hint).not.toBe('');
  });

  it('may not list an ID twice', () => {
    expect(peersFault('1001 a 6001 1\n\n1001 b 6001 0')).toMatchObject({
      code: 'BAD_CONFIG',
      message: 'PeerInfo.cfg line 3: peer 1001 stands in line 1 already',
    });
  });

  it.each([
    ['localhost', 'localhost'],
    ['localhost', '127.0.0.1'],
    ['127.0.0.1', '::1'],
    ['LocalHost', '::ffff:127.0.0.1'],
    ['storm.cise.ufl.edu', 'Storm.CISE.ufl.edu.'],
    ['fd77::1', 'fd77:0:0::0001'],
  ])('may not list a port of a host twice: %s and %s', (one, other) => {
    const { message } = peersFault(`1 ${one} 6001 1\n2 ${other} 6001 0`);
    expect(message).toBe(`PeerInfo.cfg line 2: port 6001 of "${other}" stands in line 1 already`);
    expect(parsePeerInfo(`1 ${one} 6001 1\n2 ${other} 6002 0`)).toHaveLength(2);
  });

  it('may list the same port of different hosts', () => {
    expect(parsePeerInfo('1 10.0.0.1 6001 1\n2 10.0.0.2 6001 0\n3 localhost 6001 0')).toHaveLength(3);
  });

  it('needs a peer, and one that has the file', () => {
    expect(peersFault('\n# nobody\n').message).toBe('PeerInfo.cfg: no peer is listed');
    expect(peersFault('1001 a 6001 0\n1002 b 6001 0').message).toBe('PeerInfo.cfg: no peer has the file');
    expect(parsePeerInfo('1001 a 6001 1')).toHaveLength(1);
  });

  it('has a largest number of peers', () => {
    const lines = Array.from({ length: MAX_LISTED_PEERS + 1 }, (_, at) => `${at} localhost ${6001 + at} 1`);
    expect(parsePeerInfo(lines.slice(1).join('\n'))).toHaveLength(MAX_LISTED_PEERS);
    expect(peersFault(lines.join('\n')).message).toBe(
      `PeerInfo.cfg line ${MAX_LISTED_PEERS + 1}: there are more than ${MAX_LISTED_PEERS} peers`,
    );
  });
});

describe('both files together', () => {
  it('are a project, with the notes of what is left out', () => {
    const { project, notes } = projectOf(`${COMMON}Speed 3`, PEERS);
    expect(project.common).toEqual(READ);
    expect(project.peers).toHaveLength(3);
    expect(notes).toHaveLength(1);
  });

  it('know their peers, and say who is there where one is not', () => {
    const { project } = projectOf(COMMON, PEERS);
    expect(peerIn(project, 1002).host).toBe('lin114-01.cise.ufl.edu');
    expect(faultOf(() => peerIn(project, 1009))).toEqual({
      code: 'BAD_CONFIG',
      message: 'PeerInfo.cfg lists no peer 1009',
      hint: 'it lists 1001, 1002, 1003',
    });
  });

  const someCommon: fc.Arbitrary<CommonConfig> = fc.record({
    preferredNeighbors: fc.integer({ min: 1, max: MAX_LISTED_PEERS }),
    unchokingIntervalSeconds: fc.integer({ min: 1, max: 86_400 }),
    optimisticUnchokingIntervalSeconds: fc.integer({ min: 1, max: 86_400 }),
    fileName: fc.stringMatching(/^[a-z][a-zA-Z0-9._ -]{0,30}[a-z]$/),
    fileSize: fc.integer({ min: 1, max: 2 ** 40 }),
    pieceSize: fc.integer({ min: 2 ** 20, max: MAX_PIECE_LENGTH_BYTES }),
  });

  const somePeers: fc.Arbitrary<readonly ListedPeer[]> = fc
    .uniqueArray(
      fc.record({
        id: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((id) => id as ListedPeerId),
        host: fc.constantFrom('localhost', '10.0.0.1', 'fd77::1', 'storm.cise.ufl.edu'),
        port: fc.integer({ min: 1, max: 65_535 }),
        hasFile: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12, selector: ({ id, port }) => `${id % 1000} ${port}` },
    )
    .filter((peers) => new Set(peers.map(({ id }) => id)).size === peers.length)
    .filter((peers) => new Set(peers.map(({ port }) => port)).size === peers.length)
    .filter((peers) => peers.some(({ hasFile }) => hasFile));

  it('are read as they were written, whatever an editor made of the blanks and line ends', () => {
    const end = fc.constantFrom(
      '\n',
      '\r\n',
      '\r',
      ' \n',
      '\t\r\n',
      '\n\n',
      ' # a comment\n',
      ' // another\r\n',
    );
    const blank = fc.constantFrom(' ', '\t', '   ', ' \t ');
    fc.assert(
      fc.property(someCommon, somePeers, end, blank, fc.boolean(), (common, peers, end, blank, cut) => {
        const lived = (text: string): string => {
          const changed = text.replace(/^(\S+) /gm, `$1${blank}`).replaceAll('\n', end);
          return cut ? changed.trimEnd() : changed;
        };
        const { project, notes } = projectOf(lived(commonConfigText(common)), lived(peerInfoText(peers)));
        expect(project).toEqual({ common, peers });
        expect(notes).toEqual([]);
      }),
    );
  });

  it('are refused as BAD_CONFIG or read, whatever they contain', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('FileName', 'PieceSize', '1', '\n', ' ', '#', '\u0000'),
    );
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, text, (one, other) => {
        try {
          projectOf(one, other);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_CONFIG', hint: expect.stringMatching(/./) });
        }
      }),
    );
    fc.assert(
      fc.property(text, (noise) => {
        try {
          parsePeerInfo(`1001 localhost 6001 1\n${noise}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_CONFIG' });
        }
      }),
    );
  });
});

describe('the bytes of a configuration file', () => {
  it.each([
    ['UTF-8', Buffer.from('FileName Übung')],
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffFileName Übung')],
    ['UTF-16, as Windows PowerShell writes it', Buffer.from('\ufeffFileName Übung', 'utf16le')],
    ['UTF-16 with the high byte first', Buffer.from('\ufeffFileName Übung', 'utf16le').swap16()],
    ['Latin-1', Buffer.from('FileName Übung', 'latin1')],
  ])('may be %s', (_, bytes) => {
    expect(decodeConfig(bytes)).toBe('FileName Übung');
  });
});
