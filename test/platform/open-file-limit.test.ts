import { describe, expect, it } from 'vitest';
import { limitIn } from '../../src/platform/open-file-limit.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max processes             127235               127235               processes 
Max open files            1024                 524288               files     
`;

describe('the limit of open files', () => {
  it('is the soft one', () => {
    expect(limitIn(LIMITS)).toBe(1024);
  });

  it('is unknown where there is none, or the text is another one', () => {
    expect(limitIn(LIMITS.replace('1024     ', 'unlimited'))).toBeUndefined();
    expect(limitIn('')).toBeUndefined();
  });
});
