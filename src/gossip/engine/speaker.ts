import type { InfoHash } from '../../metainfo/metainfo.ts';
import { signStatement } from '../codec/sign-statement.ts';
import { shortIdOf } from '../gossip-message.ts';
import type { Index, Summary } from '../statement.ts';
import type { Context } from './context.ts';
import type { Signed } from './signed.ts';

type Unsaid<Said> = Omit<Said, 'kind' | 'peerId' | 'version'>;

/** Signs what we say of ourselves, each with a higher version than all before. */
export class Speaker {
  readonly #context: Context;
  readonly shortId: string;
  #version = 0;

  constructor(context: Context) {
    this.#context = context;
    this.shortId = shortIdOf(context.ownId);
  }

  summary(summary: Unsaid<Summary>): Signed<'summary'> {
    const statement = { kind: 'summary', ...this.#next(), ...summary } as const;
    return { statement, bytes: signStatement(this.#context.identity, statement).bytes };
  }

  leave(): Signed<'leave'> {
    const statement = { kind: 'leave', ...this.#next() } as const;
    return { statement, bytes: signStatement(this.#context.identity, statement).bytes };
  }

  index(index: Unsaid<Index>): Signed<'index'> {
    const statement = { kind: 'index', ...this.#next(), ...index } as const;
    return { statement, bytes: signStatement(this.#context.identity, statement).bytes };
  }

  indexEnd(infoHash: InfoHash): Signed<'index end'> {
    const statement = { kind: 'index end', ...this.#next(), infoHash } as const;
    return { statement, bytes: signStatement(this.#context.identity, statement).bytes };
  }

  #next() {
    return { peerId: this.#context.ownId, version: ++this.#version };
  }
}
