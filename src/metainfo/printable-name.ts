/**
 * What a terminal would act on instead of showing it: control characters (C0, DEL, C1), line and paragraph
 * separators, and the marks that turn the direction of text (Unicode UAX #9), which can make `gpj.exe` look
 * like `exe.jpg`; also the invisible format characters and lone surrogates.
 */
const NOT_SHOWN_AS_IT_IS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A name that came from somebody else, safe to print: ESC becomes `\x1b`, a right-to-left override `\u{202e}`.
 * Joiners, which Indic scripts and emoji are written with, stay. A backslash stays as it is: the result is
 * for people, and cannot be read back.
 */
export function printableName(name: string): string {
  return name.replace(NOT_SHOWN_AS_IT_IS, (character) => {
    if (character === '\u200c' || character === '\u200d') return character;
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
