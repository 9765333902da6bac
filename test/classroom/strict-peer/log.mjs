import { openSync, writeSync } from 'node:fs';

/** The log of peer `id`, begun anew; every sentence is in the file before the call returns. */
export function openLog(path, id) {
  const file = openSync(path, 'w');
  const write = (sentence) => writeSync(file, `[${new Date().toISOString()}]: Peer ${id} ${sentence}\n`);
  return {
    makesConnection: (to) => write(`makes a connection to Peer ${to}.`),
    isConnected: (from) => write(`is connected from Peer ${from}.`),
    preferred: (ids) => write(`has the preferred neighbors ${ids.join(',')}.`),
    optimistic: (id) => write(`has the optimistically unchoked neighbor ${id}.`),
    unchoked: (by) => write(`is unchoked by ${by}.`),
    choked: (by) => write(`is choked by ${by}.`),
    have: (from, piece) => write(`received the 'have' message from ${from} for the piece ${piece}.`),
    interested: (from) => write(`received the 'interested' message from ${from}.`),
    notInterested: (from) => write(`received the 'not interested' message from ${from}.`),
    downloaded: (piece, from, count) =>
      write(`has downloaded the piece ${piece} from ${from}. Now the number of pieces it has is ${count}.`),
    complete: () => write('has downloaded the complete file.'),
  };
}
