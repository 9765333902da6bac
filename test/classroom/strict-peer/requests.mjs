/** Which piece is asked of whom: a random one that it has, I lack and nobody is asked for; one at a time a link. */
export class Requests {
  #pieces;
  #neighbors;
  #habits;
  #timers = new Map();
  #turn = 0;

  constructor({ pieces, neighbors, habits }) {
    this.#pieces = pieces;
    this.#neighbors = neighbors;
    this.#habits = habits;
  }

  start() {
    const { requestEveryMs } = this.#habits;
    if (requestEveryMs > 0) setInterval(() => this.#poll(), requestEveryMs);
  }

  /** Something has changed with this neighbour. Who polls waits for its next look. */
  consider(neighbor) {
    if (this.#habits.requestEveryMs === 0) this.#ask(neighbor);
  }

  /** The outstanding request is answered, or will not be. */
  release(neighbor) {
    clearTimeout(this.#timers.get(neighbor));
    this.#timers.delete(neighbor);
    neighbor.asked = undefined;
  }

  #poll() {
    const neighbors = [...this.#neighbors.values()];
    for (let look = 0; look < neighbors.length; look++) {
      const asked = this.#ask(neighbors[this.#turn++ % neighbors.length]);
      if (asked && !this.#habits.pollPerLink) return;
    }
  }

  #ask(neighbor) {
    if (neighbor.chokesMe || neighbor.asked !== undefined) return false;
    const index = this.#choose(neighbor);
    if (index === undefined) return false;
    neighbor.sendRequest(index);
    const again = () => {
      this.release(neighbor);
      this.consider(neighbor);
    };
    this.#timers.set(neighbor, setTimeout(again, this.#habits.requestTimeoutMs));
    return true;
  }

  #choose(neighbor) {
    const asked = new Set([...this.#neighbors.values()].map((other) => other.asked));
    const candidates = [...neighbor.has].filter((index) => !this.#pieces.has(index) && !asked.has(index));
    return candidates[Math.floor(Math.random() * candidates.length)];
  }
}
