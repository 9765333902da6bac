/**
 * Fetches NAME and prints how many milliseconds passed from a node that listens to the first verified piece.
 * Usage: first-piece.mjs NAME
 */
import { createNode } from '../../dist/index.js';

const [name] = process.argv.slice(2);
const node = await createNode();
const begun = performance.now();
let firstAt;
const sink = async () => {
  firstAt ??= performance.now();
};
const { seeded } = await node.fetch({ kind: 'name', name }, { sink, seed: { kind: 'none' } });
await seeded;
await node.close();
process.stdout.write(`${firstAt - begun}\n`);
