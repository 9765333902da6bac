import type { Command } from 'commander';
import type { Invocation } from './invocation.ts';
import type { OutputFlags } from './output-flags.ts';

/** What a command's action needs: its options with the environment, and where to put the result. */
export interface Parsing {
  readonly flagsOf: <Flags extends OutputFlags>(command: Command) => Flags;
  readonly chosen: (invocation: Invocation) => void;
}
