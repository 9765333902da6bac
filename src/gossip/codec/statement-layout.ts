/** A statement: kind 1, public key 32, version 6, a body by kind, signature 64. */
export const STATEMENT_CODE = { summary: 1, leave: 2, index: 3, 'index end': 4 } as const;

export const PART_CODE = { whole: 0, segment: 1 } as const;
export const SEGMENT_ENCODING = { ranges: 0, bitmap: 1 } as const;

/** Stands in front of what is signed, so that a signature of one kind is worth nothing as another. */
const STATEMENT_CONTEXT = Buffer.from('lanshare statement');

/** What the signature of a statement is over: `unsigned` is all of it before the signature. */
export function statementSigningBytes(unsigned: Uint8Array): Uint8Array {
  return Buffer.concat([STATEMENT_CONTEXT, unsigned]);
}
