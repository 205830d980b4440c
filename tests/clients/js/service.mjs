// One `foldback callservice` of its own, its levers, and a receiver for what it posts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BINARY =
  process.env.FOLDBACK_BINARY ??
  fileURLToPath(new URL('../../../target/debug/foldback', import.meta.url));

/** Milliseconds, longer than anything here takes; a test that gets here has failed. */
export const PATIENCE = 20_000;

export const GRAPH_SCOPE = 'https://graph.microsoft.com/.default';

/**
 * Resolves as soon as `find` finds something, which it is asked after every call of the returned `look`.
 * @template T
 */
class Watch {
  #looks = new Set();

  look() {
    for (const look of this.#looks) look();
  }

  /**
   * @param {string} what
   * @param {() => T | undefined} find
   * @returns {Promise<T>}
   */
  until(what, find) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#looks.delete(look);
        reject(new Error(`waited in vain for ${what}`));
      }, PATIENCE);
      const look = () => {
        try {
          const found = find();
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(error);
        }
        clearTimeout(late);
        this.#looks.delete(look);
      };
      this.#looks.add(look);
      look();
    });
  }
}

/** A frozen rehearsal. */
export class Service {
  #values = new Map();
  #watch = new Watch();
  #log = '';
  #process;

  /** @param {string[]} flags */
  constructor(flags) {
    const args = ['callservice', '--addr', '127.0.0.1:0', '--speed', '0', ...flags];
    this.#process = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const [, name, value] = /^([a-z-]+): (.*)$/.exec(line) ?? [];
      if (name) this.#values.set(name, value);
      this.#watch.look();
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text) => (this.#log += text));
    this.#process.on('error', (error) => (this.#log += `${error}\n`));
    this.#process.on('close', () => this.#watch.look());
  }

  /**
   * Starts one with its levers open for a test, and ends it, cleanly, after the test.
   * @param {import('node:test').TestContext} t
   * @param {string[]} flags
   */
  static async start(t, ...flags) {
    const service = new Service(['--inspect', ...flags]);
    t.after(() => service.stop());
    return service.ready();
  }

  /** Waits until it takes connections. */
  async ready() {
    this.address = await this.value('address');
    this.call = await this.value('graph-call-id');
    return this;
  }

  /** The process id. */
  get pid() {
    return this.#process.pid;
  }

  /** Ends it, which has to go well. */
  async stop() {
    const { exitCode, signalCode, pid } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    const hanging = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE);
    const [code] = await ended;
    clearTimeout(hanging);
    assert.equal(code, 0, `the service ended with ${code}\n${this.#log}`);
  }

  /** Ends it at once, unless it has ended. */
  kill() {
    this.#process.kill('SIGKILL');
  }

  /** The value of a printed `name: value` line, as soon as it is there. */
  value(name) {
    return this.#watch.until(`the line "${name}:"`, () => {
      const value = this.#values.get(name);
      if (value === undefined && this.#process.exitCode !== null) {
        throw new Error(`the service printed no "${name}:"\n${this.#log}`);
      }
      return value;
    });
  }

  /** A token by client credentials, as any client gets one. */
  async token(scope = GRAPH_SCOPE) {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_id: await this.value('client-id'),
      client_secret: await this.value('client-secret'),
    });
    const answer = await fetch(`${this.address}/tenant/oauth2/v2.0/token`, { method: 'POST', body: form });
    assert.equal(answer.status, 200, 'the token endpoint gives a token');
    return (await answer.json()).access_token;
  }

  /** Pulls a lever below `/rehearsal/v1/`, or reads one; it must work. */
  async lever(name, order) {
    const request = order && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    };
    const answer = await fetch(`${this.address}/rehearsal/v1/${name}`, request);
    const text = await answer.text();
    assert.ok(answer.ok, `${name}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  fault(order) {
    return this.lever('faults', order);
  }

  switch(order) {
    return this.lever('switches', order);
  }

  /** The requests so far whose path holds `part`, oldest first. */
  async arrived(part) {
    return (await this.lever('requests')).filter((it) => it.path.includes(part));
  }

  /** Their statuses. */
  async statuses(part) {
    return (await this.arrived(part)).map((it) => it.status);
  }
}

/** Takes what is posted to it, in order. */
export class Receiver {
  #arrived = [];
  #watch = new Watch();

  /** @param {import('node:test').TestContext} t */
  static async start(t) {
    const receiver = new Receiver();
    const server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      receiver.#arrived.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
      response.writeHead(202).end();
      receiver.#watch.look();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    receiver.url = `http://127.0.0.1:${server.address().port}/notifications/secret`;
    return receiver;
  }

  /** The next delivery. */
  next() {
    return this.#watch.until('a notification', () => this.#arrived.shift());
  }

  /**
   * The next delivery for which `read` gives something, as `read` gives it.
   * @template T
   * @param {(delivery: { headers: Record<string, string>, text: string }) => T | undefined} read
   * @returns {Promise<T>}
   */
  async until(read) {
    for (;;) {
      const found = await read(await this.next());
      if (found !== undefined) return found;
    }
  }
}
