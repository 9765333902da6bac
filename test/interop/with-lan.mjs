import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLan } from '../lan/lab.mjs';

/** Hands a LAN and a folder to `use`, and removes both when that has ended. */
export async function withLan(options, use) {
  const place = await mkdtemp(join(tmpdir(), 'lanshare-interop-'));
  const lan = makeLan(options);
  try {
    return await use(lan, place);
  } finally {
    lan.close();
    await rm(place, { recursive: true, force: true });
  }
}
