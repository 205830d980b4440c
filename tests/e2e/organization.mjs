// An organization: an OpenID provider with accounts, and `foldback serve` that signs people in there,
// before a rehearsal's call service. Everything on loopback, as everything else in these tests.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';
import { BINARY, PATIENCE } from './demo.mjs';

const CLIENT = { client_id: 'foldback', client_secret: 'a secret of this test alone' };

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** Accounts by what is typed at the provider: the name, and the roles that the token carries. */
const ACCOUNTS = {
  ada: { name: 'Ada King', roles: ['Mix'] },
  mo: { name: 'Mo Salah', roles: ['Mute'] },
  vi: { name: 'Vi Nguyen', roles: ['View'] },
  al: { name: 'Al Adin', roles: ['Run'] },
  no: { name: 'No Body', roles: [] },
};

/**
 * A process that prints `name: value` lines.
 * @param {string[]} args
 */
async function run(args) {
  const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  /** @type {Map<string, string>} */
  const values = new Map();
  const lines = createInterface({ input: child.stdout });
  const value = async (/** @type {string} */ name) => {
    const deadline = AbortSignal.timeout(PATIENCE);
    while (!values.has(name)) {
      if (child.exitCode !== null) throw new Error(`${args[0]} ended\n${log}`);
      await Promise.race([once(lines, 'line', { signal: deadline }), once(child, 'exit', { signal: deadline })]);
    }
    return /** @type {string} */ (values.get(name));
  };
  lines.on('line', (line) => {
    const at = line.indexOf(': ');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 2));
  });
  const stop = async () => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    }
    if (child.exitCode !== 0) throw new Error(`${args[0]} ended with ${child.exitCode}\n${log}`);
  };
  return { value, stop };
}

export class Organization {
  /** Where the panel is. */
  address = '';
  #issuer = '';
  #service = '';
  #config = '';
  /** @type {Awaited<ReturnType<typeof run>> | undefined} */
  #proxy;
  /** @type {(() => Promise<unknown>)[]} */
  #ends = [];

  /**
   * @param {Record<string, string | number | string[]>} more Further lines of `[sign_in]`.
   */
  static async start(more = {}) {
    const it = new Organization();
    const folder = await mkdtemp(join(tmpdir(), 'foldback-test-'));
    it.#ends.push(() => rm(folder, { recursive: true }));
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    it.#ends.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    const at = server.address();
    const issuer = (it.#issuer = `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`);

    // Whoever asks before it is there waits: the proxy, whose address it has to know, looks for its keys at once.
    /** @type {(answer: ReturnType<Provider['callback']>) => void} */
    let isThere = () => {};
    const provider = new Promise((/** @type {typeof isThere} */ done) => (isThere = done));
    server.on('request', async (request, response) => (await provider)(request, response));

    const service = await run(['callservice', '--addr', '127.0.0.1:0', '--seed', '7', '--speed', '0', '--inspect']);
    it.#ends.push(service.stop);
    await writeFile(join(folder, 'secret'), await service.value('client-secret'));
    await writeFile(join(folder, 'sign-in'), CLIENT.client_secret);
    const lines = Object.entries(more).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    await writeFile(
      join(folder, 'foldback.toml'),
      `[graph]
tenant = "${await service.value('tenant')}"
client_id = "${await service.value('client-id')}"
credential = { secret_file = "secret" }
[sign_in]
issuer = "${issuer}"
client_id = "${CLIENT.client_id}"
client_secret_file = "sign-in"
roles = { View = "viewer", Mute = "moderator", Mix = "producer", Run = "administrator" }
${lines.join('\n')}
[limits]
streams_end_within_ms = 0
[rehearsal]
enabled = true
call_service = "${await service.value('address')}"
`,
    );
    it.#config = join(folder, 'foldback.toml');
    it.#service = await service.value('address');
    it.#ends.push(async () => it.#proxy?.stop());
    await it.#serve('127.0.0.1:0');
    isThere(it.#provider(issuer).callback());
    return it;
  }

  /** @param {string} addr */
  async #serve(addr) {
    this.#proxy = await run(['serve', '--config', this.#config, '--addr', addr]);
    this.address = await this.#proxy.value('address');
  }

  /** Ends the proxy in order and starts it again at the same address. */
  async restart() {
    await this.#proxy?.stop();
    await this.#serve(new URL(this.address).host);
  }

  /**
   * Has the call service take its time for whatever is asked of its calls.
   * @param {number} ms
   */
  async slow(ms) {
    const fault = { path_contains: '/communications/calls/', fault: { latency_ms: ms } };
    const answer = await fetch(`${this.#service}/rehearsal/v1/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }

  /** @param {string} issuer */
  #provider(issuer) {
    const provider = new Provider(issuer, {
      clients: [
        {
          ...CLIENT,
          redirect_uris: [`${this.address}/sign-in/callback`],
          post_logout_redirect_uris: [`${this.address}/`],
        },
      ],
      claims: { openid: ['sub'], profile: ['name', 'roles'] },
      conformIdTokenClaims: false,
      jwks: { keys: [{ ...KEY.export({ format: 'jwk' }), alg: 'RS256', kid: 'ours', use: 'sig' }] },
      cookies: { keys: ['a key of this test alone'] },
      findAccount: (/** @type {object} */ _, /** @type {string} */ id) => {
        const account = ACCOUNTS[/** @type {keyof typeof ACCOUNTS} */ (id)];
        return account && { accountId: id, claims: () => ({ sub: id, ...account }) };
      },
      pkce: { required: () => true },
    });
    return provider;
  }

  /**
   * A token of the provider for somebody, as a page of the organization's own would get it.
   * @param {keyof typeof ACCOUNTS} account
   * @param {number} seconds For how long it is good.
   */
  token(account, seconds) {
    const now = Math.floor(Date.now() / 1000);
    const part = (/** @type {object} */ it) => Buffer.from(JSON.stringify(it)).toString('base64url');
    const claims = { iss: this.#issuer, aud: CLIENT.client_id, sub: account, iat: now, exp: now + seconds };
    const text = `${part({ alg: 'RS256', kid: 'ours' })}.${part({ ...claims, ...ACCOUNTS[account] })}`;
    return `${text}.${sign('sha256', Buffer.from(text), KEY).toString('base64url')}`;
  }

  async stop() {
    for (const end of this.#ends.reverse()) await end();
  }
}
