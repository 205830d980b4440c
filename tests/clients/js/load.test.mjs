// Whoever asks is answered in time beside thousands of open streams and readers that take nothing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { head, sent, staged, streaming } from '../bench/edge/stage.mjs';
import { PATIENCE } from './service.mjs';

/** Streams of one call. Each is a file of this process and one of the proxy's. */
const STREAMS = 5_000;
/** Connections that have asked for much and take none of it. */
const STUCK = 100;
/** Milliseconds within which 99 of 100 requests are answered. */
const P99 = 50;
/** Where the machine has so much else to do that they are late anyway: this many times what it is alone. */
const TIMES_ALONE = 10;
/** The machine has other things to do now and then: the best of so many rounds counts. */
const ROUNDS = 10;
const MANY = { connections_per_address: 10_000, streams_per_session: 5_000 };

const ASKER = fileURLToPath(new URL('asker.mjs', import.meta.url));

/** As many streams as this process may have open, with room for what else it opens. */
async function mayOpen(wanted) {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const most = Number(/Max open files\s+(\d+)/.exec(limits)?.[1] ?? Infinity);
  return Math.min(wanted, most - STUCK - 500);
}

/** Milliseconds at the 99th percentile of 8 people asking, about 200 times a second together. */
async function p99(proxy) {
  const url = `${proxy.address}/foldback/v1/calls`;
  const args = [ASKER, url, JSON.stringify(proxy.headers), '8', '75'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const took = JSON.parse(stdout).sort((a, b) => a - b);
  return took[Math.floor(took.length * 0.99)];
}

/** Readers that take nothing of what they asked for; more than all buffers on the way hold. */
async function stuck(proxy, call) {
  const snapshots = `${head(proxy, 'GET', `/foldback/v1/calls/${call}`)}\r\n`.repeat(40);
  const sockets = await Promise.all(Array.from({ length: STUCK }, () => sent(proxy, snapshots)));
  for (const socket of sockets) socket.pause();
  return sockets;
}

/** What each stream has been told so far. */
class Heard {
  #text;
  #streams;

  constructor(streams) {
    this.#streams = streams;
    this.#text = streams.map(() => '');
    streams.forEach((socket, index) => socket.on('data', (chunk) => (this.#text[index] += chunk)));
  }

  /** Until every stream has been told the fact of this number. */
  async all(sequence) {
    const signal = AbortSignal.timeout(PATIENCE);
    for (const [index, socket] of this.#streams.entries()) {
      while (!this.#text[index].includes(`\nid: ${sequence}\n`)) await once(socket, 'data', { signal });
    }
  }
}

test('beside 5,000 streams and 100 readers that take nothing, whoever asks is answered in time', async (t) => {
  const many = await mayOpen(STREAMS);
  assert.ok(many >= 300, `${many} streams are no load: this process may open too few files`);
  if (many < STREAMS) t.diagnostic(`${many} streams, for this process may open no more files`);
  await staged(MANY, 43, async (proxy, call) => {
    const sequence = async () => (await proxy.json(`/foldback/v1/calls/${call}`)).sequence;
    proxy.after = await sequence();
    const alone = await p99(proxy);
    const limit = Math.max(P99, TIMES_ALONE * alone);
    const began = performance.now();
    const streams = await streaming(proxy, call, many);
    t.diagnostic(`${many} streams open within ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    const heard = new Heard(streams);
    const readers = await stuck(proxy, call);
    const participants = `/v1.0/communications/calls/${call.split('.')[1]}/participants`;
    const { value } = await proxy.json(participants);
    const person = value.find((it) => !it.info.identity.application && !it.isInLobby);

    const rounds = [];
    while (rounds.length < ROUNDS && !(Math.min(...rounds) < limit)) {
      const asking = p99(proxy);
      // Facts for every stream, while they are timed.
      for (let turn = 0; turn < 4; turn++) await proxy.json(`${participants}/${person.id}/mute`, {});
      rounds.push(await asking);
    }
    const told = rounds.map((it) => `${it.toFixed(1)} ms`).join(', ');
    t.diagnostic(`p99 alone: ${alone.toFixed(1)} ms, beside them: ${told}`);
    assert.ok(Math.min(...rounds) < limit, `p99 below ${limit.toFixed(0)} ms in one of ${rounds.length} rounds: ${told}`);
    await heard.all(await sequence());
    for (const socket of [...streams, ...readers]) socket.destroy();
  });
});
