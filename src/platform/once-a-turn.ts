/**
 * Asks `read` once a turn of the event loop, which handles dozens of datagrams under load: for the time, say, in whole
 * seconds.
 */
export function onceATurn<Value>(read: () => Value): () => Value {
  let known: { readonly value: Value } | undefined;
  return () => {
    if (known === undefined) {
      known = { value: read() };
      setImmediate(() => {
        known = undefined;
      });
    }
    return known.value;
  };
}
