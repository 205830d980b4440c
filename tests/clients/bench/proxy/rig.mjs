// What the measurements of the proxy share: `foldback serve`, nginx, a load generator, and figures.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { atEnd, leashed, rmNow } from './leash.mjs';

/** Kernel ticks a second, in which processor time is told. */
const TICKS = 100;

export const figures = [];

/** One line of the page: the median of `values` with the lowest and the highest. */
export function figure(section, what, unit, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  figures.push({ section, what, unit, median, low: at(0), high: at(sorted.length - 1), runs: sorted.length });
  return median;
}

/** Runs `work` with a folder of its own, which is gone afterwards. */
export async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'foldback-bench-'));
  const gone = atEnd(() => rmNow(folder));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
    gone();
  }
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Milliseconds that one block takes to be on the disk, when it is written over and waited for. */
export async function waitsForDisk(folder, times) {
  const file = await open(join(folder, 'disk'), 'w');
  const block = Buffer.alloc(4_096, 1);
  await file.write(Buffer.alloc(64 * block.length), 0, 64 * block.length, 0);
  await file.datasync();
  const took = [];
  for (let time = 0; time < times; time++) {
    const started = performance.now();
    await file.write(block, 0, block.length, (time % 64) * block.length);
    await file.datasync();
    took.push(performance.now() - started);
  }
  await file.close();
  return took;
}

/** A port nobody listens on now. */
async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  await promisify(server.close.bind(server))();
  return port;
}

/** Seconds of processor time that a process and its children have used. */
async function processorTime(pid) {
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1).split(' ');
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const below = await Promise.all(children.split(' ').filter(Boolean).map(processorTime));
  return below.reduce((sum, it) => sum + it, (Number(stat[11]) + Number(stat[12])) / TICKS);
}

/** All the load is one session's, from one address: it is not to be held up, and nor is the end. */
export const UNHURRIED = {
  session_requests_per_second: 1_000_000,
  session_requests_at_once: 1_000_000,
  address_requests_per_second: 1_000_000,
  address_requests_at_once: 1_000_000,
  streams_end_within_ms: 0,
};

/** A `foldback serve` with a journal in `folder`. */
export class Proxy {
  #child;

  /**
   * One whose link was used. `service` tells tenant, app, secret and address of what it speaks to;
   * `limits` are those of `[limits]`.
   */
  static async start(folder, service, addr = '127.0.0.1:0', limits = UNHURRIED) {
    const proxy = await Proxy.launch(folder, service, { addr, limits });
    const answer = await fetch(proxy.signIn, { redirect: 'manual' });
    proxy.headers = {
      cookie: answer.headers.get('set-cookie').split(';')[0],
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
    };
    return proxy;
  }

  /** One that nobody has signed in to. `more` ends its configuration; `under` is what it runs under. */
  static async launch(folder, service, { addr = '127.0.0.1:0', limits = UNHURRIED, more = '', under = [] }) {
    await writeFile(join(folder, 'secret'), service.secret);
    const config = join(folder, 'foldback.toml');
    await writeFile(
      config,
      `[graph]\ntenant = "${service.tenant}"\nclient_id = "${service.app}"\n` +
        `credential = { secret_file = "secret" }\n[journal]\nsqlite = "journal.sqlite"\n` +
        `[limits]\n${Object.entries(limits).map(([name, value]) => `${name} = ${value}\n`).join('')}` +
        `[rehearsal]\nenabled = true\ncall_service = "${service.address}"\n${more}`,
    );
    const proxy = new Proxy();
    const [program, ...args] = [...under, process.env.FOLDBACK_BINARY, 'serve', '--config', config, '--addr', addr];
    const child = leashed(spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
    proxy.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const [name, value] = line.split(': ');
      if (name === 'address') proxy.address = value;
      if (name !== 'sign-in') continue;
      proxy.signIn = value;
      break;
    }
    assert.ok(proxy.signIn, 'foldback serve says where to sign in');
    return proxy;
  }

  /** The process id. */
  get pid() {
    return this.#child.pid;
  }

  async json(path, body) {
    const request = { headers: this.headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) };
    const answer = await fetch(this.address + path, request);
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  }

  processorTime() {
    return processorTime(this.#child.pid);
  }

  /** Bytes of memory it has now. */
  async memory() {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1_024;
  }

  /** How many files and connections it has open. */
  async open() {
    return (await readdir(`/proc/${this.#child.pid}/fd`)).length;
  }

  async stop(signal = 'SIGINT') {
    this.#child.kill(signal);
    await ended(this.#child);
  }
}

/** nginx as a bare reverse proxy in front of `upstream`, in the foreground, in a folder of its own. */
export class Nginx {
  #child;

  static async start(folder, upstream) {
    const port = await freePort();
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const temporary = places.map((it) => `${it}_temp_path ${join(folder, it)};`).join(' ');
    const config = join(folder, 'nginx.conf');
    await writeFile(
      config,
      `daemon off; worker_processes auto; pid ${join(folder, 'nginx.pid')}; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; ${temporary}
  upstream service { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 1000000;
    location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
    );
    const nginx = new Nginx();
    nginx.address = `http://127.0.0.1:${port}`;
    const args = ['-c', config, '-p', folder, '-e', 'stderr'];
    nginx.#child = leashed(spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] }));
    const deadline = performance.now() + 10_000;
    for (;;) {
      try {
        await fetch(nginx.address);
        return nginx;
      } catch (error) {
        if (performance.now() > deadline || nginx.#child.exitCode !== null) throw error;
        await new Promise(setImmediate);
      }
    }
  }

  processorTime() {
    return processorTime(this.#child.pid);
  }

  async stop() {
    this.#child.kill('SIGQUIT');
    await ended(this.#child);
  }
}

const MILLISECONDS = { us: 0.001, ms: 1, s: 1_000 };

/**
 * wrk with one thread: requests a second, and the 99th percentile in ms. `script` is Lua beside the
 * headers. Anything but success is an error.
 */
export async function load(folder, url, headers, script, { seconds = 3, connections = 64 } = {}) {
  const lua = join(folder, 'load.lua');
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  await writeFile(lua, [...lines, script].join('\n'));
  const args = ['--latency', '--timeout', '30s', '-t1', `-c${connections}`, `-d${seconds}s`, '-s', lua, url];
  const running = promisify(execFile)('wrk', args);
  leashed(running.child);
  const { stdout } = await running;
  const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout);
  assert.equal(failed, null, `${url}: ${failed?.[0]}`);
  const [, number, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)[1]);
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]), requests, p99: Number(number) * MILLISECONDS[unit] };
}
