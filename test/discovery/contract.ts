import { describe } from 'vitest';
import { closingContract } from './closing-contract.ts';
import { ContractLan, type DiscoveryMaker } from './contract-lan.ts';
import { lansOf } from './discovery-lan.ts';
import { changesContract, findingContract } from './finding-contract.ts';
import { hostileContract, interfacesContract } from './surroundings-contract.ts';

/** The facts that every discovery keeps, whatever it says on the wire. */
export function discoveryContract(name: string, maker: DiscoveryMaker, seed: number): void {
  const newLan = lansOf(() => new ContractLan(maker, seed));
  describe(`${name} (seed ${seed})`, () => {
    findingContract(newLan);
    changesContract(newLan);
    interfacesContract(newLan, maker);
    hostileContract(newLan, maker);
    closingContract(newLan, maker);
  });
}
