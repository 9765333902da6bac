import type { Findings } from '../findings.ts';
import type { RunFacts } from './run-facts.ts';

/** Judges what one log says by what the others say. */
export type AcrossRule = (run: RunFacts, findings: Findings) => void;
