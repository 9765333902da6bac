/** One element of a pattern: takes any run of elements, or one element. */
type Wildcard<Element> = 'any run' | ((element: Element) => boolean);

/** A pattern for paths, in parts as the path is. */
export type PathPattern = readonly Wildcard<string>[];

/**
 * Reads a pattern: `*` stands for any characters of a name and `?` for one, a part `**` for any folders on the way, and
 * `\` takes the meaning from the character behind it. Names are compared in their composed form (NFC), since two
 * systems may store one name in two ways. A pattern without a slash is about names at any depth, and one that ends with a
 * slash about all that is in the folder.
 */
export function parsePathPattern(text: string): PathPattern {
  const [first = '', ...rest] = text.normalize('NFC').split('/');
  if (rest.length === 0) return ['any run', namePattern(first)];
  const last = rest.pop() ?? '';
  const folders = [first, ...rest].filter((part) => part !== '' && part !== '.');
  // What is in a folder is not the folder itself.
  const end: PathPattern = last === '' || last === '**' ? ['any run', () => true] : [partPattern(last)];
  return [...folders.map(partPattern), ...end];
}

/** Takes no more steps than the product of the two lengths, whatever the pattern. The path is in its composed form. */
export function matchesPath(pattern: PathPattern, path: readonly string[]): boolean {
  return matches(pattern, path);
}

export function composed(path: readonly string[]): readonly string[] {
  return path.map((part) => part.normalize('NFC'));
}

function partPattern(part: string): Wildcard<string> {
  return part === '**' ? 'any run' : namePattern(part);
}

function namePattern(name: string): (part: string) => boolean {
  const pattern: Wildcard<string>[] = [];
  let isEscaped = false;
  for (const character of name) {
    if (!isEscaped && character === '\\') {
      isEscaped = true;
      continue;
    }
    pattern.push(isEscaped ? same(character) : wildcard(character));
    isEscaped = false;
  }
  return (part) => matches(pattern, charactersOf(part));
}

/** An array only where a character has two units: a million names are matched. */
function charactersOf(text: string): ArrayLike<string> {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

function wildcard(character: string): Wildcard<string> {
  if (character === '*') return 'any run';
  return character === '?' ? () => true : same(character);
}

function same(character: string): (other: string) => boolean {
  return (other) => other === character;
}

/**
 * Goes through both once; where they part, the last run takes one element more, and no earlier one has to be tried again:
 * what stands between two runs is best found as early as possible.
 */
function matches<Element>(pattern: readonly Wildcard<Element>[], elements: ArrayLike<Element>): boolean {
  let at = 0;
  let inPattern = 0;
  let run: { readonly inPattern: number; end: number } | undefined;
  while (at < elements.length) {
    const element = elements[at] as Element;
    const expected = pattern[inPattern];
    if (expected === 'any run') {
      run = { inPattern, end: at };
      inPattern++;
    } else if (expected?.(element) === true) {
      at++;
      inPattern++;
    } else if (run !== undefined) {
      run.end++;
      at = run.end;
      inPattern = run.inPattern + 1;
    } else return false;
  }
  return pattern.slice(inPattern).every((expected) => expected === 'any run');
}
