import { MemoryStore } from '../../../src/tracker-server/store/memory-store.ts';
import { NOW_SECONDS, peerStoreContract } from './contract.ts';

peerStoreContract('the memory store', {
  open: async () => new MemoryStore({ keepSeconds: 3_600, nowSeconds: () => NOW_SECONDS }),
  cleanUp: async () => {},
});
