/** What is said, and where. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** How often -v was given. */
  readonly verbose: number;
  readonly logFile?: string;
}
