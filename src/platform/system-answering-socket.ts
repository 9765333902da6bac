import type { OpenAnsweringSocket } from './answering-socket.ts';
import { openDgramAnsweringSocket } from './dgram-answering-socket.ts';
import { udxAnsweringSockets } from './udx-answering-socket.ts';

/** The fastest that this machine has: udx-native for IPv4 where it loads, node:dgram for all else. */
export const openAnsweringSocket: OpenAnsweringSocket = (options, answer) => {
  const open = options.family === 'IPv4' ? udxAnsweringSockets() : undefined;
  return (open ?? openDgramAnsweringSocket)(options, answer);
};
