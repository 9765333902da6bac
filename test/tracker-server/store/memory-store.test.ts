import { NOW_SECONDS, peerStoreContract } from './contract.ts';
import { MemoryStore } from './memory-store.ts';

peerStoreContract('the memory store', {
  open: async () => new MemoryStore({ keepSeconds: 3_600, nowSeconds: () => NOW_SECONDS }),
  cleanUp: async () => {},
});
