// Notifications in, each durable before it is answered, and what a killed proxy has lost of them. The
// call service is this file: it signs as Graph does and its load is wrk's, so that neither sets the pace.
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { Proxy, figure, inFolder, load } from './rig.mjs';

const ROUNDS = 5;
const PEOPLE = 1_000;
const APP = '11111111-1111-1111-1111-111111111111';
const TENANT = '00000000-0000-0000-0000-000000000000';
const CALL = 'c0ffee00-0000-4000-8000-000000000001';

/** Graph as far as one call that only notifies. */
class Upstream {
  tenant = TENANT;
  app = APP;
  secret = 'secret';
  #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  #server = createServer((incoming, response) => {
    let text = '';
    incoming.on('data', (chunk) => (text += chunk)).on('end', () => {
      const { status = 200, body } = this.#answer(incoming.method, incoming.url, text);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  async start() {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    this.address = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  #answer(method, url, text) {
    if (url.endsWith('/token')) return { body: { access_token: 'token', expires_in: 3_600 } };
    if (url.endsWith('/OpenIdConfiguration')) return { body: { jwks_uri: `${this.address}/keys` } };
    if (url === '/keys') {
      const { n, e } = this.#keys.publicKey.export({ format: 'jwk' });
      return { body: { keys: [{ kty: 'RSA', use: 'sig', kid: 'bench', n, e }] } };
    }
    // A part of a roster: nobody is taken for gone because of it.
    if (url.includes('/participants')) return { body: { value: [], '@odata.nextLink': `${this.address}/none` } };
    if (method === 'POST') this.callback = JSON.parse(text).callbackUri;
    return { status: method === 'POST' ? 201 : 200, body: { id: CALL, state: 'established' } };
  }

  token() {
    const now = Math.floor(Date.now() / 1_000);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: 'https://graph.microsoft.com', aud: APP, tid: TENANT, nbf: now, exp: now + 3_600 };
    const message = `${part({ alg: 'RS256', typ: 'JWT', kid: 'bench' })}.${part(claims)}`;
    return `${message}.${sign('sha256', message, this.#keys.privateKey).toString('base64url')}`;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const person = (id, muted) => ({
  id,
  isMuted: muted,
  isInLobby: false,
  info: { identity: { user: { id, displayName: id } } },
});

const delta = (number, people) => ({
  value: [
    {
      changeType: 'updated',
      resourceUrl: `/app/calls/${CALL}/participants`,
      resourceData: {
        '@odata.type': '#microsoft.graph.deltaParticipants',
        sequenceNumber: number,
        participants: people.map((it) => ({ ...it, rosterSequenceNumber: number })),
      },
    },
  ],
});

/** Everybody in turn is muted and, a round later, opens: each notification is news, in any order. */
const IN_TURN = `
wrk.method = "POST"
local number, body = FIRST, [[${JSON.stringify(delta('NUMBER', [person('PERSON', 'MUTED')]))}]]
body = body:gsub('"NUMBER"', "%%d"):gsub("PERSON", "p%%d"):gsub('"MUTED"', "%%s")
function request()
  number = number + 1
  local one, muted = number % ${PEOPLE}, math.floor(number / ${PEOPLE}) % 2 == 0
  return wrk.format(nil, nil, nil, body:format(number, one, tostring(muted), one, one, number))
end
`;

export function intake() {
  return inFolder(async (folder) => {
    const upstream = await new Upstream().start();
    let proxy = await Proxy.start(folder, upstream);
    try {
      await proxy.json('/foldback/v1/calls', { graph: {} });
      const headers = { authorization: `Bearer ${upstream.token()}`, 'content-type': 'application/json' };
      let first = 0;
      const [rates, times] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        const before = await proxy.processorTime();
        const script = IN_TURN.replace('FIRST', String(first));
        const { rate, requests } = await load(folder, upstream.callback, headers, script);
        rates.push(rate);
        times.push((((await proxy.processorTime()) - before) * 1e6) / requests);
        first += Math.ceil(requests / PEOPLE + 1) * PEOPLE;
      }
      figure('intake', 'notifications answered', '/s', rates);
      figure('intake', 'processor time', 'µs a notification', times);
      const [answered, lost] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        const taken = await burst(upstream, proxy, headers, round, first);
        proxy = await Proxy.start(folder, upstream, new URL(proxy.address).host);
        const state = JSON.stringify(await proxy.json(`/foldback/v1/calls/graph.${CALL}`));
        answered.push(taken.length);
        lost.push(taken.filter((id) => !state.includes(`"${id}"`)).length);
        first += 1_000_000;
      }
      figure('intake', 'answered before `kill -9`', 'notifications', answered);
      figure('intake', 'of these lost', 'notifications', lost);
    } finally {
      await proxy.stop();
      upstream.stop();
    }
  });
}

/** Newcomers are told of on 64 connections until the proxy is killed; who was answered with success. */
async function burst(upstream, proxy, headers, round, first) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const taken = [];
  let number = 0;
  const post = (id) =>
    new Promise((resolve) => {
      const outgoing = request(upstream.callback, { method: 'POST', agent, headers }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode === 202));
      });
      outgoing.on('error', () => resolve(false));
      outgoing.end(JSON.stringify(delta(first + number, [person(id, false)])));
    });
  const killAt = 1_000 + 500 * round;
  let killed;
  const sender = async () => {
    while (!killed) {
      const id = `newcomer-${round}-${++number}`;
      if (await post(id)) taken.push(id);
      // In the middle of it: the others' notifications are on their way.
      if (taken.length >= killAt) killed ??= proxy.stop('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: 64 }, sender));
  await killed;
  agent.destroy();
  return taken;
}
