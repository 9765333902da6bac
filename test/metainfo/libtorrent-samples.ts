/*
 * Made once with libtorrent 2.0.8 (create_torrent, 16 KiB pieces) from the folder `pair` with a.txt, 20,000
 * times `a`, and b.txt, ten times `b`.
 */

/** v1 and v2 keys (BEP 52), with padding (BEP 47). */
export const HYBRID_TORRENT = decode(
  'ZDEwOmNyZWF0ZWQgYnkxMDpsaWJ0b3JyZW50NDppbmZvZDk6ZmlsZSB0cmVlZDU6YS50eHRkMDpkNjpsZW5ndGhpMjAwMDBl' +
    'MTE6cGllY2VzIHJvb3QzMjpOFdjtKfdO1LSVPiBWc7S0bGP3pxfWk6bSfn6DczVNSGVlNTpiLnR4dGQwOmQ2Omxlbmd0aGkx' +
    'MGUxMTpwaWVjZXMgcm9vdDMyOm0v4y3EJJ735zWcbYdP/7vzNegy5JomgSNuG2hq94eUZWVlNTpmaWxlc2xkNjpsZW5ndGhp' +
    'MjAwMDBlNDpwYXRobDU6YS50eHRlZWQ0OmF0dHIxOnA2Omxlbmd0aGkxMjc2OGU0OnBhdGhsNDoucGFkNToxMjc2OGVlZDY6' +
    'bGVuZ3RoaTEwZTQ6cGF0aGw1OmIudHh0ZWVkNDphdHRyMTpwNjpsZW5ndGhpMTYzNzRlNDpwYXRobDQ6LnBhZDU6MTYzNzRl' +
    'ZWUxMjptZXRhIHZlcnNpb25pMmU0Om5hbWU0OnBhaXIxMjpwaWVjZSBsZW5ndGhpMTYzODRlNjpwaWVjZXM2MDoS/zR7TyfW' +
    'nh8yjm9LVXPjZm4SL2NYLuWyVzf3mxTzrduHKY0ZviSdvVvYKv4pBJlvi6kSLb3nQRnpSG1lMTI6cGllY2UgbGF5ZXJzZDMy' +
    'Ok4V2O0p907UtJU+IFZztLRsY/enF9aTptJ+foNzNU1INjQ68zNr6nUrWih0MDPdLIRKSmP7oIhxqu4lhqK/LWm+g6LSaHJK' +
    '4BMX9ofY4yGz87dzMF0kWrZSTQ+fR6PujhCF7GVl',
);

/** v2 keys only. */
export const VERSION_2_TORRENT = decode(
  'ZDEwOmNyZWF0ZWQgYnkxMDpsaWJ0b3JyZW50NDppbmZvZDk6ZmlsZSB0cmVlZDU6YS50eHRkMDpkNjpsZW5ndGhpMjAwMDBl' +
    'MTE6cGllY2VzIHJvb3QzMjpOFdjtKfdO1LSVPiBWc7S0bGP3pxfWk6bSfn6DczVNSGVlNTpiLnR4dGQwOmQ2Omxlbmd0aGkx' +
    'MGUxMTpwaWVjZXMgcm9vdDMyOm0v4y3EJJ735zWcbYdP/7vzNegy5JomgSNuG2hq94eUZWVlMTI6bWV0YSB2ZXJzaW9uaTJl' +
    'NDpuYW1lNDpwYWlyMTI6cGllY2UgbGVuZ3RoaTE2Mzg0ZWUxMjpwaWVjZSBsYXllcnNkMzI6ThXY7Sn3TtS0lT4gVnO0tGxj' +
    '96cX1pOm0n5+g3M1TUg2NDrzM2vqdStaKHQwM90shEpKY/ugiHGq7iWGor8tab6DotJockrgExf2h9jjIbPzt3MwXSRatlJN' +
    'D59Ho+6OEIXsZWU=',
);

function decode(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64');
}
