/** Unreserved in a URL (RFC 3986 section 2.3). */
const UNRESERVED = /[0-9A-Za-z\-._~]/;

/** Any bytes as part of a query: `%12%34Vx...`; info-hashes and peer ids are no text (BEP 3). */
export function percentEncode(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** The reverse; undefined where a `%` is not followed by two digits, or something is no byte. */
export function percentDecode(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) return undefined;
    if (code !== 0x25) {
      bytes.push(code);
      continue;
    }
    const digits = text.slice(at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined;
    bytes.push(Number.parseInt(digits, 16));
    at += 2;
  }
  return Uint8Array.from(bytes);
}
