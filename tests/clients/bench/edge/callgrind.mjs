// A program under valgrind, and the instructions it takes for something.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const DUMP = 'callgrind.out';

/** What a program runs under that is counted in this folder. */
export const under = (folder) => [
  'valgrind',
  '--tool=callgrind',
  `--callgrind-out-file=${join(folder, DUMP)}`,
  `--log-file=${join(folder, 'valgrind.log')}`,
  `--vgdb-prefix=${join(folder, 'vgdb')}`,
];

/** Instructions of all threads, the system's own aside, while `work` goes on. */
export async function instructions(folder, pid, work) {
  const tell = (word) => promisify(execFile)('vgdb', [`--vgdb-prefix=${join(folder, 'vgdb')}`, `--pid=${pid}`, word]);
  const dumps = async () => (await readdir(folder)).filter((it) => it.startsWith(`${DUMP}.`));
  await tell('zero');
  await work();
  const before = await dumps();
  await tell('dump');
  const [dump, ...others] = (await dumps()).filter((it) => !before.includes(it));
  assert.ok(dump && others.length === 0, 'valgrind writes what it counted into one file');
  const [, total] = /^totals: (\d+)/m.exec(await readFile(join(folder, dump), 'utf8'));
  return Number(total);
}
