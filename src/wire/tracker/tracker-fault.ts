/** What a tracker, or somebody who talks to one, sent is not what the protocol says. The message is a sentence. */
export class TrackerFault extends Error {
  override readonly name = 'TrackerFault';
  /** How long the tracker wants to be left alone; infinite for ever, 0 where it does not say. */
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds = 0) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
