import { networkInterfaces } from 'node:os';
import { afterEach, expect, it, vi } from 'vitest';
import { INTERFACE_REREAD_MS } from '../../src/limits.ts';
import { systemInterfaces } from '../../src/platform/interfaces.ts';

vi.mock('node:os', async (original) => {
  const os = await original<typeof import('node:os')>();
  return { ...os, networkInterfaces: vi.fn(os.networkInterfaces) };
});

afterEach(() => {
  vi.restoreAllMocks();
});

it('interfaces that cannot be read for a while, for want of file descriptors, are those that were read last', () => {
  const time = vi.spyOn(performance, 'now').mockReturnValue(1_000);
  const first = systemInterfaces();
  vi.mocked(networkInterfaces).mockImplementation(() => {
    throw new Error('uv_interface_addresses returned EMFILE');
  });
  time.mockReturnValue(1_000 + INTERFACE_REREAD_MS);
  expect(systemInterfaces()).toBe(first);
  expect(networkInterfaces).toHaveBeenCalledTimes(2);
});
