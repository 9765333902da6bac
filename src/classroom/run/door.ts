import type { Connection } from '../../platform/network.ts';

/** Whoever connects waits here until somebody can answer: our port is taken before our file is opened. */
export class Door {
  #state:
    | { readonly name: 'shut'; readonly waiting: Connection[] }
    | { readonly name: 'open'; accept(connection: Connection): void }
    | { readonly name: 'closed' } = { name: 'shut', waiting: [] };

  arrive(connection: Connection): void {
    const state = this.#state;
    switch (state.name) {
      case 'shut':
        state.waiting.push(connection);
        return;
      case 'open':
        return state.accept(connection);
      case 'closed':
        return turnAway(connection);
    }
  }

  open(accept: (connection: Connection) => void): void {
    const waiting = this.#state.name === 'shut' ? this.#state.waiting : [];
    this.#state = { name: 'open', accept };
    for (const connection of waiting) accept(connection);
  }

  /** Nobody else is let in. */
  close(): void {
    const waiting = this.#state.name === 'shut' ? this.#state.waiting : [];
    this.#state = { name: 'closed' };
    for (const connection of waiting) turnAway(connection);
  }
}

/** Without a listener for its errors a refused socket would bring the process down. */
export function turnAway(connection: Connection): void {
  connection.open({ onData: () => {}, onClose: () => {} });
  connection.destroy();
}
