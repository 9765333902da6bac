/** A line that says something. */
export interface ConfigLine {
  /** Counts from 1. */
  readonly number: number;
  /** Never empty; without comment and without blanks around it. */
  readonly text: string;
}

/** Where a comment starts: after a blank alone, because a name may contain the signs (`song#1.mp3`). */
const COMMENT = /(?:^|\s)(?:#|\/\/).*$/;
/** The same where nothing can contain the signs: `16384#bytes`. */
const COMMENT_ANYWHERE = /(?:#|\/\/).*$/;

/** The lines of a configuration file, whichever system's line ends and with or without one at the end. */
export function configLines(text: string): readonly ConfigLine[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line, at) => ({ number: at + 1, text: line.replace(COMMENT, '').trim() }))
    .filter((line) => line.text !== '');
}

export function withoutComment(text: string): string {
  return text.replace(COMMENT_ANYWHERE, '').trim();
}
