import type { SignedStatement, Statement } from '../statement.ts';

/** A signed statement of one kind. */
export type Signed<Kind extends Statement['kind']> = SignedStatement & {
  readonly statement: Extract<Statement, { kind: Kind }>;
};

export function isSigned<Kind extends Statement['kind']>(
  signed: SignedStatement,
  ...kinds: readonly Kind[]
): signed is Signed<Kind> {
  return kinds.some((kind) => kind === signed.statement.kind);
}
