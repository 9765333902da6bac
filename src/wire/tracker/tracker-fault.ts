/** What a tracker, or somebody who talks to one, sent is not what the protocol says. The message is a sentence. */
export class TrackerFault extends Error {
  override readonly name = 'TrackerFault';
}
