// What a request costs in instructions: slow to count, and the same on a machine that is busy.
import assert from 'node:assert/strict';
import { figure } from '../proxy/rig.mjs';
import { instructions, under } from './callgrind.mjs';
import { Client } from './client.mjs';
import { organized } from './issuer.mjs';

const ROUNDS = 5;

/** Requests of a round, one after the other on one connection, and before the first round. */
const REQUESTS = 1_000;
const FIRST = 200;

const SESSION = '/foldback/v1/session';

export function counted() {
  return organized(async (proxy, issuer, folder) => {
    const browser = new Client();
    await browser.signIn(proxy.address, 'ada');
    // The provider's cookies go elsewhere where it has a host of its own.
    const cookie = browser.cookie(proxy.address, 'foldback');
    browser.end();
    const own = { cookie, 'sec-fetch-site': 'same-origin' };
    const ways = [
      ['nobody asks: `GET /healthz`', '/healthz', {}, 200],
      ['by cookie: `GET /foldback/v1/calls`, of which there are none', '/foldback/v1/calls', own, 200],
      ['by cookie: `GET /foldback/v1/session`', SESSION, own, 200],
      ['by token: `GET /foldback/v1/session`', SESSION, { authorization: `Bearer ${issuer.token('ada')}` }, 200],
      ['without a session: `GET /foldback/v1/session`, refused with 401', SESSION, {}, 401],
      ['from another origin: `GET /foldback/v1/session`, refused with 403', SESSION, { cookie, origin: 'http://other.example' }, 403],
    ];
    const client = new Client();
    const asked = async (times, path, headers, status) => {
      for (let time = 0; time < times; time++) {
        const answer = await client.ask(proxy.address + path, { headers });
        assert.equal(answer.status, status, answer.text);
      }
    };
    for (const [, ...way] of ways) await asked(FIRST, ...way);
    const found = ways.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, [, ...way]] of ways.entries()) {
        const total = await instructions(folder, proxy.pid, () => asked(REQUESTS, ...way));
        found[index].push(total / REQUESTS);
      }
    }
    client.end();
    const [open] = found;
    for (const [index, [what]] of ways.entries()) figure('instructions', what, 'instructions', found[index]);
    for (const [index, [what]] of [...ways.entries()].slice(1)) {
      const gate = found[index].map((it, round) => it - open[round]);
      figure('instructions', `the gate alone, ${what}`, 'instructions', gate);
    }
  }, under);
}
