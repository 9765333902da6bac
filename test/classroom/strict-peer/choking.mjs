/** Who may ask: `k` neighbours by rate every p seconds, and one more at random every m seconds. */
export class Choking {
  #common;
  #neighbors;
  #pieces;
  #log;
  #preferred = [];
  #optimistic;

  constructor({ common, neighbors, pieces, log }) {
    this.#common = common;
    this.#neighbors = neighbors;
    this.#pieces = pieces;
    this.#log = log;
  }

  start() {
    setInterval(() => this.#choosePreferred(), this.#common.unchokingIntervalMs);
    setInterval(() => this.#chooseOptimistic(), this.#common.optimisticIntervalMs);
  }

  #choosePreferred() {
    const interested = shuffled([...this.#neighbors.values()].filter((neighbor) => neighbor.interested));
    if (!this.#pieces.complete) interested.sort((one, other) => other.bytesInRound - one.bytesInRound);
    const chosen = interested.slice(0, this.#common.preferredNeighbors).map(({ id }) => id);
    for (const neighbor of this.#neighbors.values()) neighbor.bytesInRound = 0;
    const changed = `${chosen.toSorted()}` !== `${this.#preferred.toSorted()}`;
    this.#preferred = chosen;
    if (changed && chosen.length > 0) this.#log.preferred(chosen);
    this.#apply();
  }

  #chooseOptimistic() {
    const waiting = [...this.#neighbors.values()].filter(
      ({ id, interested, chokedByMe }) => interested && (chokedByMe || id === this.#optimistic),
    );
    const [chosen] = shuffled(waiting);
    if (chosen === undefined) return;
    if (chosen.id !== this.#optimistic) this.#log.optimistic(chosen.id);
    this.#optimistic = chosen.id;
    this.#apply();
  }

  #apply() {
    for (const neighbor of this.#neighbors.values()) {
      const may = this.#preferred.includes(neighbor.id) || neighbor.id === this.#optimistic;
      if (may && neighbor.chokedByMe) neighbor.unchoke();
      if (!may && !neighbor.chokedByMe) neighbor.choke();
    }
  }
}

function shuffled(values) {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value);
}
