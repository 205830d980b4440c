// One rehearsal: starts `foldback demo`, reads the `name: value` lines it prints, ends it with Ctrl-C's
// signal. Shared by the tests and the benchmarks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

/** The browser's switches: nothing that talks to anyone but the rehearsal. */
export const CHROMIUM = {
  executablePath: process.env.FOLDBACK_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export const BINARY =
  process.env.FOLDBACK_BINARY ??
  fileURLToPath(new URL('../../target/debug/foldback', import.meta.url));

/** Milliseconds a rehearsal may take to say where it is, and to end. */
export const PATIENCE = 20_000;

export class Demo {
  /** @type {Map<string, string>} */
  #values = new Map();
  /** @type {string[]} */
  #links = [];
  /** @type {Set<() => void>} */
  #waiting = new Set();
  #log = '';
  #process;

  /** @param {string[]} args */
  constructor(args) {
    this.#process = spawn(BINARY, ['demo', '--addr', '127.0.0.1:0', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#read(line));
    this.#process.stderr.setEncoding('utf8').on('data', (text) => (this.#log += text));
    this.#process.on('error', (error) => {
      this.#log += `${error}\n`;
      this.#wake();
    });
    this.#process.on('exit', () => this.#wake());
  }

  /**
   * Starts a rehearsal and waits until it takes connections.
   * @param {string[]} args
   */
  static async start(args) {
    const demo = new Demo(args);
    await demo.value('address');
    return demo;
  }

  /** The process id. */
  get pid() {
    return this.#process.pid;
  }

  /** What it has logged so far. */
  get log() {
    return this.#log;
  }

  /**
   * The value of a printed `name: value` line, as soon as it is there.
   * @param {string} name
   * @returns {Promise<string>}
   */
  value(name) {
    return this.#until(`the line "${name}:"`, () => this.#values.get(name));
  }

  /**
   * A sign-in link that nobody has used yet.
   * @returns {Promise<string>}
   */
  link() {
    return this.#until('a sign-in link', () => this.#links.shift());
  }

  /** Sends Ctrl-C's signal and returns the exit code; a rehearsal that hangs is killed and tells so. */
  async stop() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null || this.pid === undefined) return exitCode;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    const hanging = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE);
    const [code] = await ended;
    clearTimeout(hanging);
    return /** @type {number | null} */ (code);
  }

  /** @param {string} line */
  #read(line) {
    const found = /^([a-z-]+): (.+)$/.exec(line.trim());
    const [, name, value] = found ?? [];
    if (!name || !value) return;
    if (name === 'sign-in') this.#links.push(value);
    else this.#values.set(name, value);
    this.#wake();
  }

  #wake() {
    for (const look of [...this.#waiting]) look();
  }

  /**
   * @template T
   * @param {string} what
   * @param {() => T | undefined} find
   * @returns {Promise<T>}
   */
  #until(what, find) {
    return new Promise((resolve, reject) => {
      /** @param {() => void} settle */
      const done = (settle) => {
        this.#waiting.delete(look);
        clearTimeout(late);
        settle();
      };
      const look = () => {
        const found = find();
        const { exitCode, signalCode, pid } = this.#process;
        const over = exitCode !== null || signalCode !== null || pid === undefined;
        if (found !== undefined) done(() => resolve(found));
        else if (over) done(() => reject(new Error(`foldback ended before ${what}\n${this.#log}`)));
      };
      const late = setTimeout(
        () => done(() => reject(new Error(`foldback did not print ${what}\n${this.#log}`))),
        PATIENCE,
      );
      this.#waiting.add(look);
      look();
    });
  }
}
