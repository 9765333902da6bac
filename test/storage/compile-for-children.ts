import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { TemporaryFolders } from '../support/temporary-folders.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What the storage may import, itself included (.dependency-cruiser.cjs); no packages. */
const NEEDED = /^(errors\.ts|limits\.ts|(hashing|metainfo|pieces|platform|storage)[/\\].*\.ts)$/;

/** Node runs no TypeScript here, and a child to be killed needs a process of its own: the sources as JavaScript. */
export async function compileForChildren() {
  const folders = new TemporaryFolders();
  const output = await folders.make();
  await writeFile(path.join(output, 'package.json'), '{"type":"module"}');
  for (const file of await readdir(path.join(ROOT, 'src'), { recursive: true }))
    if (NEEDED.test(file)) await compile(path.join('src', file), output);
  const children = path.join('test', 'storage', 'children');
  for (const file of await readdir(path.join(ROOT, children)))
    await compile(path.join(children, file), output);
  return {
    /** Path of the compiled test/storage/children/NAME.ts. */
    script: (name: string): string => path.join(output, children, `${name}.js`),
    remove: (): Promise<void> => folders.remove(),
  };
}

async function compile(file: string, output: string): Promise<void> {
  const source = await readFile(path.join(ROOT, file), 'utf8');
  const { outputText } = ts.transpileModule(source, {
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
