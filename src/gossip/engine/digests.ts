import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Scope } from '../gossip-message.ts';
import { ScopeDigest } from './scope-digest.ts';

/** The digests of all scopes that we take part in. */
export class Digests {
  readonly members = new ScopeDigest();
  readonly #contents = new Map<InfoHash, ScopeDigest>();

  of(scope: Scope): ScopeDigest | undefined {
    return scope.kind === 'members' ? this.members : this.#contents.get(scope.infoHash);
  }

  content(infoHash: InfoHash): ScopeDigest | undefined {
    return this.#contents.get(infoHash);
  }

  open(infoHash: InfoHash): void {
    if (!this.#contents.has(infoHash)) this.#contents.set(infoHash, new ScopeDigest());
  }

  close(infoHash: InfoHash): void {
    this.#contents.delete(infoHash);
  }
}

export function scopeKey(scope: Scope): string {
  return scope.kind === 'members' ? '' : scope.infoHash;
}
