// What must not outlive a measurement, whether it succeeds, fails or is broken off.
import { rmSync } from 'node:fs';

const ends = new Set();

/** Has `end` called when this program ends, unless the function that is returned was called before. */
export function atEnd(end) {
  ends.add(end);
  return () => ends.delete(end);
}

/** A child that is killed, by its id, when this program ends before it. */
export function leashed(child) {
  child.once('exit', atEnd(() => child.kill('SIGKILL')));
  return child;
}

/** Takes a folder away at once; whoever wrote into it may be dying still. */
export function rmNow(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

process.on('exit', () => {
  // The last comes first: a folder goes after the processes that work in it.
  for (const end of [...ends].reverse()) end();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
