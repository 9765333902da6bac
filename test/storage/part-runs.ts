import { readFile, stat, truncate } from 'node:fs/promises';
import { expect } from 'vitest';
import { allPieces, type PieceIndex } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openPart, type PartOptions } from '../../src/storage/part/open-part.ts';
import { type PartNames, partNames } from '../../src/storage/part/part-names.ts';
import type { PartStore } from '../../src/storage/part/part-store.ts';
import { ENTRY_BYTES } from '../../src/storage/part/resume-record.ts';
import type { SampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { expectPiece, writePiece } from './contract.ts';

/** Runs of a fetch into the same folder, one after the other, as a user starts them. */
export class PartRuns {
  readonly folders = new TemporaryFolders();
  readonly #opened: PartStore[] = [];

  /** For afterEach. */
  async cleanUp(): Promise<void> {
    await this.close();
    await this.folders.remove();
  }

  async close(): Promise<void> {
    for (const store of this.#opened.splice(0)) await store.close();
  }

  async open(content: SampleContent, outDir: string, options: Partial<PartOptions> = {}): Promise<PartStore> {
    const store = await openPart({ metainfo: content.metainfo, outDir, clock: systemClock, ...options });
    this.#opened.push(store);
    return store;
  }

  /** A run that gets the given pieces and ends before it is whole: stopped properly, or killed. */
  async leave(content: SampleContent, pieces: Iterable<PieceIndex>, end: 'stopped' | 'killed' = 'stopped') {
    const outDir = await this.folders.make();
    const store = await this.open(content, outDir);
    for (const index of pieces) await writePiece(store, content, index);
    await store.close();
    const names = partNames(content.metainfo, outDir);
    if (end === 'killed') await removeClosedMark(names);
    return { outDir, names };
  }

  /** Opens the part again; says which pieces it holds, and how many bytes were read again for that. */
  async reopen(content: SampleContent, outDir: string, options: Partial<PartOptions> = {}) {
    let reread = 0;
    const onReread = (_: number, bytesTotal: number): void => {
      reread = bytesTotal;
    };
    const store = await this.open(content, outDir, { onReread, ...options });
    return { store, held: [...store.have.held()], reread };
  }

  /** Fetches what is missing and compares what is there, on disk and served, before and after the end. */
  async complete(content: SampleContent, store: PartStore): Promise<string> {
    for (const index of store.have.held()) await expectPiece(store, content, index);
    for (const index of allPieces(content.metainfo.pieceCount)) await writePiece(store, content, index);
    const path = await store.finish();
    await expectOnDisk(content, path);
    for (const index of store.have.held()) await expectPiece(store, content, index);
    return path;
  }
}

export function pieceIndexes(content: SampleContent): PieceIndex[] {
  return [...allPieces(content.metainfo.pieceCount)];
}

/** The content's files lie there, each byte right. */
export async function expectOnDisk(content: SampleContent, path: string): Promise<void> {
  for (const [position, file] of content.metainfo.files.entries()) {
    if (file.padding) continue;
    const bytes = await readFile([path, ...file.path].join('/'));
    expect(bytes.equals(content.file(position))).toBe(true);
  }
}

/** A killed process does not come to write it. */
async function removeClosedMark(names: PartNames): Promise<void> {
  const { size } = await stat(names.record);
  await truncate(names.record, size - ENTRY_BYTES);
}
