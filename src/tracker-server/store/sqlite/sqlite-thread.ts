import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { STORE_THREAD_NICENESS } from '../../../limits.ts';

export type SqlValue = Uint8Array<ArrayBuffer> | number;

export interface SqlStep {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** What went wrong in the thread: `code` is SQLite's name of its result (SQLITE_FULL), or the system's (ENOENT). */
export class SqlFault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Task =
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'ask'; readonly sql: string }
  | { readonly kind: 'transact'; readonly steps: readonly SqlStep[] }
  | { readonly kind: 'close' };

type Question = readonly [id: number, task: Task];
type Answer = readonly [id: number, outcome: { readonly value: unknown } | { readonly fault: ThrownThere }];

interface ThrownThere {
  readonly code: string;
  readonly message: string;
}

/**
 * One SQLite database on a thread of its own: what it does, and the disk, keep nobody waiting. The thread's code is
 * text, so that it runs the same from source and from the built package. It opens the file itself first: libsql says of
 * any failure only that it could not, and SQLite takes a file of a few bytes for an empty one.
 */
const THREAD = `
const { closeSync, openSync, readSync } = require('node:fs');
const { setPriority } = require('node:os');
const { parentPort, workerData } = require('node:worker_threads');
// On Linux a thread has its own. Where the cores are all busy, saving waits, and not those who announce.
if (process.platform === 'linux') setPriority(${STORE_THREAD_NICENESS});
let database;
const prepared = new Map();
const tasks = {
  open({ path }) {
    refuseForeign(path);
    const Database = require(workerData);
    database = new Database(path);
  },
  ask({ sql }) {
    return run(database.prepare(sql), [])[0];
  },
  transact({ steps }) {
    database.exec('BEGIN IMMEDIATE');
    try {
      const rows = steps.flatMap(({ sql, values }) => run(preparedOnce(sql), values));
      database.exec('COMMIT');
      return new Uint8Array(Buffer.concat(rows));
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw error;
    }
  },
  close() {
    prepared.clear();
    database?.close();
  },
};
function refuseForeign(path) {
  const file = openSync(path, 'a+');
  try {
    const start = Buffer.alloc(16);
    const length = readSync(file, start, 0, 16, 0);
    if (length > 0 && start.toString('latin1') !== 'SQLite format 3\\0')
      throw Object.assign(new Error('file is not a database'), { code: 'SQLITE_NOTADB' });
  } finally {
    closeSync(file);
  }
}
function preparedOnce(sql) {
  if (!prepared.has(sql)) prepared.set(sql, database.prepare(sql));
  return prepared.get(sql);
}
function run(statement, values) {
  if (statement.reader) return statement.raw().all(values).map(([first]) => first);
  statement.run(values);
  return [];
}
parentPort.on('message', ([id, task]) => {
  try {
    const value = tasks[task.kind](task);
    parentPort.postMessage([id, { value }], value instanceof Uint8Array ? [value.buffer] : []);
  } catch (error) {
    parentPort.postMessage([id, { fault: { code: String(error.code), message: String(error.message) } }]);
  }
});
`;

interface Waiting {
  resolve(value: unknown): void;
  reject(fault: SqlFault): void;
}

/** All its promises reject with a SqlFault. */
export class SqliteThread {
  readonly #worker = new Worker(THREAD, {
    eval: true,
    name: 'lanshare tracker store',
    workerData: createRequire(import.meta.url).resolve('libsql'),
  });
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;
  #ended: SqlFault | undefined;

  constructor() {
    this.#worker.on('message', ([id, outcome]: Answer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if ('fault' in outcome) waiting?.reject(new SqlFault(outcome.fault.code, outcome.fault.message));
      else waiting?.resolve(outcome.value);
    });
    this.#worker.once('error', (error) => this.#end(error.message));
    this.#worker.once('exit', () => this.#end('its thread has ended'));
  }

  /** Creates the file where there is none. */
  async open(path: string): Promise<void> {
    await this.#ask({ kind: 'open', path });
  }

  /** Outside of a transaction; gives the first value of the first row. */
  ask(sql: string): Promise<unknown> {
    return this.#ask({ kind: 'ask', sql });
  }

  /**
   * All steps or none; gives the first columns of all rows that they give, one after the other. The values' memory goes
   * to the thread.
   */
  async transact(steps: readonly SqlStep[]): Promise<Uint8Array> {
    const values = steps.flatMap((step) => step.values);
    const moved = values.filter((value) => value instanceof Uint8Array).map(({ buffer }) => buffer);
    const rows = await this.#ask({ kind: 'transact', steps }, moved);
    return rows instanceof Uint8Array ? rows : new Uint8Array(0);
  }

  /** Waits for what was asked before. Never rejects. */
  async close(): Promise<void> {
    await this.#ask({ kind: 'close' }).catch(() => {});
    await this.#worker.terminate();
  }

  #ask(task: Task, moved: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#questions++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const question: Question = [id, task];
      this.#worker.postMessage(question, moved);
    });
  }

  #end(reason: string): void {
    this.#ended ??= new SqlFault('ERR_WORKER', reason);
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of left) waiting.reject(this.#ended);
  }
}
