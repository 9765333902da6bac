import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** The pure parts that gossip is made of, and the simulation of the tests; no packages. */
const NEEDED =
  /^(src\/(errors|limits)\.ts|src\/(gossip|holdings|metainfo|pieces|platform)\/.*\.ts|test\/gossip\/[^/]*\.ts|test\/support\/seeded-random\.ts)$/;

/** Node 20 runs no TypeScript: the simulation as JavaScript, from source. Call `remove` in the end. */
export async function compileSimulation() {
  const output = await mkdtemp(path.join(tmpdir(), 'lanshare-simulation-'));
  await writeFile(path.join(output, 'package.json'), '{"type":"module"}');
  for (const folder of ['src', 'test'])
    for (const file of await readdir(path.join(ROOT, folder), { recursive: true })) {
      const source = path.posix.join(folder, file.split(path.sep).join('/'));
      if (NEEDED.test(source) && !source.endsWith('.test.ts')) await compile(source, output);
    }
  return {
    swarm: path.join(output, 'test/gossip/measured-swarm.js'),
    remove: () => rm(output, { recursive: true, force: true }),
  };
}

async function compile(file, output) {
  const { outputText } = ts.transpileModule(await readFile(path.join(ROOT, file), 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const target = path.join(output, file.replace(/\.ts$/, '.js'));
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, outputText);
}
