// Measures the call service alone and prints [{what, people, unit, median, low, high, runs}] as JSON.
// `cargo xtask bench callservice` calls it with the release binary and wrk.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Service } from '../js/service.mjs';

const SIZES = [43, 1_000, 10_000];
const RUNS = 5;
const SECONDS = 2;
/** Connections of the load generator. */
const CONNECTIONS = 8;
/** Changes that wait to be notified while notifications are counted. */
const WAITING = 8;

const figures = [];

function figure(what, people, unit, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  figures.push({ what, people, unit, median, low: at(0), high: at(sorted.length - 1), runs: sorted.length });
}

/** MiB of a service: resident now, and the most it ever was. */
async function memory(service) {
  const status = await readFile(`/proc/${service.pid}/status`, 'utf8');
  const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) / 1024;
  return { now: of('VmRSS'), most: of('VmHWM') };
}

/**
 * Requests per second with wrk; an answer that is no success is an error. Runs longer where one answer
 * takes long, so that enough of them are counted.
 */
async function load(folder, service, token, { path, bodies }) {
  // Waits for whatever an earlier run has left to be done, too.
  const headers = { authorization: `Bearer ${token}` };
  const started = performance.now();
  const probe = await fetch(service.address + (path ?? `/v1.0/communications/calls/${service.call}`), { headers });
  await probe.arrayBuffer();
  const took = (performance.now() - started) / 1_000;
  const seconds = Math.max(SECONDS, Math.ceil(took * CONNECTIONS * 3));
  const script = join(folder, 'load.lua');
  const calls = bodies?.map(({ at, body }) => `{ ${JSON.stringify(at)}, ${JSON.stringify(body)} }`);
  await writeFile(
    script,
    `wrk.headers["Authorization"] = "Bearer ${token}"\n` +
      (calls
        ? `wrk.headers["Content-Type"] = "application/json"\n` +
          `local calls, next = { ${calls.join(', ')} }, 0\n` +
          `function request()\n  next = next % #calls + 1\n` +
          `  return wrk.format("POST", calls[next][1], nil, calls[next][2])\nend\n`
        : ''),
  );
  const { stdout } = await promisify(execFile)('wrk', [
    ...['--timeout', '60s', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script],
    service.address + (path ?? bodies[0].at),
  ]);
  const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout);
  assert.equal(failed, null, `${path ?? bodies[0].at}: ${failed?.[0]}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]);
}

async function repeated(times, measure) {
  const values = [];
  for (let run = 0; run < times; run++) values.push(await measure());
  return values;
}

async function requests(folder, people) {
  const service = await new Service(['--participants', String(people)]).ready();
  try {
    const fresh = await memory(service);
    const token = await service.token();
    const call = `/v1.0/communications/calls/${service.call}`;
    const headers = { authorization: `Bearer ${token}` };
    const { value } = await (await fetch(`${service.address}${call}/participants`, { headers })).json();
    const [listener, source] = value.filter((it) => !it.info.identity.application && !it.isInLobby);
    const mix = {
      clientContext: 'd45324c1-fcb5-430a-902c-f20af696537c',
      participantMixerLevels: [
        {
          participant: listener.id,
          exclusive: false,
          sourceLevels: [{ participant: source.id, level: 50, duckOthers: false }],
        },
      ],
    };
    const post = (at, body) => ({ at, body: JSON.stringify(body) });
    const mixer = call.replace('v1.0', 'beta') + '/participants/configureMixer';
    for (const [what, target] of [
      ['GET one participant', { path: `${call}/participants/${source.id}` }],
      ['GET participants', { path: `${call}/participants` }],
      ['POST mute, muted already', { bodies: [post(`${call}/participants/${source.id}/mute`, {})] }],
      ['POST mute and unmute of the application', { bodies: [post(`${call}/mute`, {}), post(`${call}/unmute`, {})] }],
      ['POST configureMixer, one listener', { bodies: [post(mixer, mix)] }],
    ]) {
      const values = await repeated(RUNS, () => load(folder, service, token, target));
      figure(what, people, 'requests/s', values);
    }
    figure('memory after start', people, 'MiB', [fresh.now]);
    figure('most memory under this load', people, 'MiB', [(await memory(service)).most]);
  } finally {
    await service.stop();
  }
}

/** Counts what is posted to it, answering at once. */
class Counter {
  count = 0;
  #server = createServer((incoming, response) => {
    incoming.resume().on('end', () => {
      response.writeHead(202).end();
      this.count += 1;
      this.#server.emit('counted');
    });
  });

  async open() {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  /** Waits for one more. */
  more() {
    return once(this.#server, 'counted', { signal: AbortSignal.timeout(30_000) });
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/**
 * Sends requests one after the other on one connection without waiting for the answers, so that they
 * are carried out in order and the driver's own pace does not limit anything.
 */
class Pipeline {
  #socket;
  #problem;

  static async open(service, token) {
    const { hostname, port, host } = new URL(service.address);
    const pipeline = new Pipeline();
    pipeline.#socket = connect(Number(port), hostname);
    pipeline.start = (path, body) =>
      `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    await once(pipeline.#socket, 'connect');
    pipeline.#socket.setEncoding('latin1').on('data', (text) => {
      pipeline.#problem ??= /HTTP\/1\.1 [^2]\d\d.*/.exec(text)?.[0];
    });
    return pipeline;
  }

  post(path, body) {
    assert.equal(this.#problem, undefined);
    this.#socket.write(this.start(path, body));
  }

  close() {
    this.#socket.destroy();
  }
}

/** Notifications per second that reach a receiver while there are always some waiting. */
async function notifications(people, delta) {
  const counter = new Counter();
  const service = await new Service(['--participants', String(people)]).ready();
  const token = await service.token();
  const pipeline = await Pipeline.open(service, token);
  try {
    const callbackUri = await counter.open();
    const calls = '/v1.0/communications/calls';
    const joining = { callbackUri, callOptions: { isDeltaRosterEnabled: delta } };
    pipeline.post(calls, JSON.stringify(joining));
    // Establishing, established, the roster.
    while (counter.count < 3) await counter.more();
    const measure = async () => {
      const [started, before] = [performance.now(), counter.count];
      const told = () => counter.count - before;
      let asked = 0;
      // An even number leaves the application as it was.
      while (performance.now() < started + SECONDS * 1_000 || asked % 2 === 1) {
        while (asked - told() >= WAITING) await counter.more();
        pipeline.post(`${calls}/${service.call}/${asked % 2 === 0 ? 'mute' : 'unmute'}`, '{}');
        asked += 1;
      }
      while (told() < asked) await counter.more();
      return (told() * 1_000) / (performance.now() - started);
    };
    const what = `notifications delivered, ${delta ? 'delta' : 'whole'} roster`;
    figure(what, people, 'a second', await repeated(RUNS, measure));
  } finally {
    pipeline.close();
    await service.stop();
    counter.close();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'foldback-bench-'));
try {
  for (const people of SIZES) {
    await requests(folder, people);
    await notifications(people, true);
    await notifications(people, false);
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(JSON.stringify(figures));
