import { join } from 'node:path';
import { openSqliteStore } from '../../../src/tracker-server/store/sqlite/sqlite-store.ts';
import { TemporaryFolders } from '../../support/temporary-folders.ts';
import { NOW_SECONDS, peerStoreContract } from './contract.ts';

const folders = new TemporaryFolders();
let path = '';
const open = () => openSqliteStore({ path, keepSeconds: 3_600, nowSeconds: () => NOW_SECONDS });
peerStoreContract('the SQLite store', {
  async open() {
    path = join(await folders.make(), 'tracker.db');
    return open();
  },
  reopen: open,
  cleanUp: () => folders.remove(),
});
