import type { Facts } from './facts.ts';
import type { PieceBook } from './piece-book.ts';
import type { ProbeOptions } from './probe-api.ts';

/** What a reader should know beside the verdicts. */
export function notesOn(
  { project, reference }: Pick<ProbeOptions, 'project' | 'reference'>,
  facts: Facts,
  { given }: Pick<PieceBook, 'given'>,
  stopped: string | undefined,
): readonly string[] {
  const notes: string[] = [];
  if (stopped !== undefined) notes.push(`The probe ended early: ${stopped}.`);
  if (project === undefined)
    notes.push(
      'Common.cfg and PeerInfo.cfg are not at hand, so much could not be judged: name their folder with --dir.',
    );
  else if (reference === undefined)
    notes.push('The file is not at hand, so content could not be compared with it.');
  if (reference === undefined && given.size > 0)
    notes.push('The program was given made-up pieces: its copy of the file is of no use.');
  if (facts.hasFile === true)
    notes.push(
      `The program has the file: to see how it asks, start it with 0 in PeerInfo.cfg, and with 1 for peer ${facts.as}.`,
    );
  if (facts.id !== undefined && facts.listed.indexOf(facts.as) < facts.listed.indexOf(facts.id))
    notes.push(
      `PeerInfo.cfg lists peer ${facts.as} before ${facts.id}, which therefore should dial, not listen.`,
    );
  if (facts.listed.length > 2)
    notes.push(
      'PeerInfo.cfg lists more than two peers: a program may wait for the others before it exchanges anything.',
    );
  notes.push(`The program may go on waiting for peer ${facts.as}: end it yourself.`);
  return notes;
}
