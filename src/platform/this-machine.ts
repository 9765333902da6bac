import { lookup } from 'node:dns/promises';
import { hostname, networkInterfaces } from 'node:os';
import { canonicalAddress } from './endpoint.ts';

/** What tells a name or an address of this machine from another's. */
export interface Machine {
  readonly hostName: string;
  /** All addresses of its interfaces, without scopes, as the system spells them. */
  addresses(): readonly string[];
  /** Addresses that a name stands for; none where it stands for nothing. */
  lookUp(name: string): Promise<readonly string[]>;
}

export const thisMachine: Machine = {
  hostName: hostname(),
  addresses: () =>
    Object.values(networkInterfaces())
      .flatMap((infos) => infos ?? [])
      .map(({ address }) => address),
  async lookUp(name) {
    try {
      return (await lookup(name, { all: true })).map(({ address }) => address);
    } catch {
      return [];
    }
  },
};

/** Whether `host`, a name or an address, is `machine`. A name is looked up only where it is not plainly this one's. */
export async function isThisMachine(host: string, machine: Machine): Promise<boolean> {
  const name = host.toLowerCase();
  if (name === 'localhost' || name === machine.hostName.toLowerCase()) return true;
  const own = new Set(machine.addresses().map(withoutScope));
  const isOwn = (address: string): boolean => isLoopback(address) || own.has(withoutScope(address));
  return isOwn(host) || (await machine.lookUp(host)).some(isOwn);
}

function isLoopback(address: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(address) || withoutScope(address) === '::1';
}

function withoutScope(address: string): string {
  return canonicalAddress(address.split('%')[0] ?? address);
}
