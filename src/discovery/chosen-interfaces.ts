import { MAX_INTERFACES_USED } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import {
  describeInterface,
  type InterfaceSource,
  type InterfaceWatcher,
  type NetworkInterface,
  selectInterfaces,
  watchInterfaces,
} from '../platform/interfaces.ts';

export interface ChosenInterfacesOptions {
  readonly clock: Clock;
  readonly interfaceSource: InterfaceSource;
  /** Names of the interfaces to use; all, up to MAX_INTERFACES_USED, where there are none. */
  readonly interfaceNames: readonly string[];
  /** Adapts the sockets to the interfaces of the moment. */
  adapt(interfaces: readonly NetworkInterface[]): Promise<void>;
  /** There is an address that was not there before, and the sockets are adapted. */
  onNewAddress(): void;
}

/** The interfaces that one way to find peers uses, as they come and go. */
export class ChosenInterfaces {
  readonly #options: ChosenInterfacesOptions;
  readonly #watcher: InterfaceWatcher;
  #current: readonly NetworkInterface[] = [];
  #leftOut: readonly NetworkInterface[] = [];

  /** Resolves when the sockets are adapted. Rejects with NO_USABLE_INTERFACE where a name does not exist. */
  static async open(options: ChosenInterfacesOptions): Promise<ChosenInterfaces> {
    const all = options.interfaceSource();
    selectInterfaces(all, options.interfaceNames);
    const chosen = new ChosenInterfaces(options);
    await chosen.#use(all);
    return chosen;
  }

  private constructor(options: ChosenInterfacesOptions) {
    const { clock, interfaceSource } = options;
    this.#options = options;
    this.#watcher = watchInterfaces(clock, (all) => void this.#follow(all), interfaceSource);
  }

  problems(): readonly string[] {
    if (this.#current.length === 0) return ['no network interface has an address'];
    if (this.#leftOut.length === 0) return [];
    const names = this.#leftOut.map(({ name }) => name).join(', ');
    return [`${names} left out: only ${MAX_INTERFACES_USED} interfaces are used`];
  }

  close(): void {
    this.#watcher.cancel();
  }

  async #follow(all: readonly NetworkInterface[]): Promise<void> {
    const before = new Set(this.#current.map(describeInterface));
    await this.#use(all);
    if (this.#current.some((one) => !before.has(describeInterface(one)))) this.#options.onNewAddress();
  }

  /** A named interface that is not there now may come back. */
  async #use(all: readonly NetworkInterface[]): Promise<void> {
    const { interfaceNames, adapt } = this.#options;
    const named = interfaceNames.length === 0 ? all : all.filter(({ name }) => interfaceNames.includes(name));
    this.#current = named.slice(0, MAX_INTERFACES_USED);
    this.#leftOut = named.slice(MAX_INTERFACES_USED);
    await adapt(this.#current);
  }
}
