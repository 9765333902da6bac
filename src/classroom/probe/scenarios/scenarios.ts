import type { ScenarioName } from '../conversation.ts';
import type { Play } from './play.ts';
import { secondExchange } from './second-exchange.ts';
import {
  handshakeAlone,
  handshakeByteByByte,
  requestWhileChoked,
  strangeFrame,
  unlistedId,
  wrongHeader,
} from './short-scenarios.ts';
import { wholeExchange } from './whole-exchange.ts';

/** What is played in each scenario. */
export const PLAYS: Readonly<Record<ScenarioName, (play: Play) => Promise<void>>> = {
  'a whole exchange': wholeExchange,
  'a request while choked': requestWhileChoked,
  'a handshake byte by byte': handshakeByteByByte,
  'a second exchange': secondExchange,
  'a wrong header': wrongHeader,
  'an ID that nobody lists': unlistedId,
  'a message of unknown type': strangeFrame('a message of type 99', [0, 0, 0, 5, 99, 1, 2, 3, 4]),
  'a message of length zero': strangeFrame('a message of length 0', [0, 0, 0, 0]),
  'a message of 4 GiB': strangeFrame('a piece of 4 GiB', [255, 255, 255, 255, 7, 0, 0, 0, 0]),
  'a handshake after that': handshakeAlone,
  'another handshake': handshakeAlone,
  'a last handshake': handshakeAlone,
};
