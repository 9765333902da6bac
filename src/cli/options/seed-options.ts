import type { Command } from 'commander';
import type { SeedGoal, SeedPolicy } from '../../node/api.ts';
import { value } from './common-options.ts';
import * as kinds from './values.ts';

/** When serving ends by itself. */
export interface SeedGoalFlags {
  /** Milliseconds. */
  readonly seedTime?: number;
  readonly seedRatio?: number;
}

/** The options of every command that serves; what is reached first ends it. */
export function addSeedGoalOptions(command: Command): void {
  command
    .addOption(value('--seed-time <time>', 'stop serving after so long, like 30m', kinds.seedTime))
    .addOption(
      value(
        '--seed-ratio <number>',
        'stop when so many times the size has been sent, like 2',
        kinds.seedRatio,
      ),
    );
}

/** Undefined where nothing was asked for. */
export function seedGoal({ seedTime, seedRatio }: SeedGoalFlags): SeedGoal | undefined {
  const time = seedTime === undefined ? undefined : ({ kind: 'time', ms: seedTime } as const);
  const ratio = seedRatio === undefined ? undefined : ({ kind: 'ratio', ratio: seedRatio } as const);
  if (time !== undefined && ratio !== undefined) return { kind: 'first of', goals: [time, ratio] };
  return time ?? ratio;
}

/** Of a fetch, whose --seed may name a time, too. `forever` goes on until another goal is reached. */
export function seedPolicy(flags: SeedGoalFlags & { readonly seed?: SeedPolicy }): SeedPolicy | undefined {
  const { seed } = flags;
  if (seed?.kind === 'time') return seedGoal({ ...flags, seedTime: seed.ms });
  return seedGoal(flags) ?? seed;
}
