/**
 * Half a sentence about a peer and the ID in its handshake. Where the four bytes read as a number in text, that is what
 * went wrong at the peer, and it is said.
 */
export function saysId(id: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  const text = bytes.toString('latin1');
  return /^\d{4}$/.test(text)
    ? `the peer wrote its ID as the text "${text}", not as a binary number of four bytes`
    : `the peer says that it is ${id}`;
}
