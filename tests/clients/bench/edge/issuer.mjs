// An organization's OpenID provider on loopback, and a proxy that signs people in there.
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { Proxy, inFolder } from '../proxy/rig.mjs';
import { served } from './stage.mjs';

const CLIENT = { client_id: 'foldback', client_secret: 'a secret of this measurement alone' };
const KEY = 'bench';
const HOUR = 3_600;

class Issuer {
  /** Milliseconds that the token endpoint took, from a request's head to the end of its answer. */
  exchanges = [];
  #key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  #server = createServer();
  #isThere;
  /** Answers; whoever asks before it is there waits: the proxy looks for the keys as it starts. */
  #answer = new Promise((done) => (this.#isThere = done));

  async start() {
    this.#server.on('request', async (request, response) => (await this.#answer)(request, response));
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    this.address = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  /** What a configuration says of it. */
  get section() {
    return (
      `[sign_in]\nissuer = "${this.address}"\nclient_id = "${CLIENT.client_id}"\n` +
      `client_secret_env = "${Issuer.VARIABLE}"\nroles = { Mix = "producer" }\n`
    );
  }

  static VARIABLE = 'FOLDBACK_BENCH_SIGN_IN';

  /** Answers, for the proxy at this address. Whoever asks for an account has it. */
  serve(home) {
    const provider = new Provider(this.address, {
      clients: [{ ...CLIENT, redirect_uris: [`${home}/sign-in/callback`] }],
      claims: { openid: ['sub'], profile: ['name', 'roles'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['a key of this measurement alone'] },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: id, roles: ['Mix'] }) }),
      jwks: { keys: [{ ...this.#key.export({ format: 'jwk' }), kid: KEY, use: 'sig', alg: 'RS256' }] },
      pkce: { required: () => true },
      // Without these it says so on standard output, where the figures go.
      ttl: { AccessToken: HOUR, Grant: HOUR, IdToken: HOUR, Interaction: HOUR, Session: HOUR },
    });
    const answer = provider.callback();
    this.#isThere((request, response) => {
      const began = performance.now();
      if (request.url === '/token') response.once('finish', () => this.exchanges.push(performance.now() - began));
      answer(request, response);
    });
  }

  /** A token of an operator, good for an hour. */
  token(sub) {
    const now = Math.floor(Date.now() / 1_000);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: this.address, aud: CLIENT.client_id, sub, name: sub, roles: ['Mix'], iat: now, exp: now + HOUR };
    const message = `${part({ alg: 'RS256', typ: 'JWT', kid: KEY })}.${part(claims)}`;
    return `${message}.${sign('sha256', message, this.#key).toString('base64url')}`;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Runs `work` with a proxy, its issuer and a folder; `under` makes what the proxy runs under, in that folder. */
export function organized(work, under = () => []) {
  process.env[Issuer.VARIABLE] = CLIENT.client_secret;
  return inFolder((folder) =>
    served(43, async (service) => {
      const issuer = await new Issuer().start();
      try {
        const proxy = await Proxy.launch(folder, service, { more: issuer.section, under: under(folder) });
        try {
          issuer.serve(proxy.address);
          await work(proxy, issuer, folder);
        } finally {
          await proxy.stop('SIGKILL');
        }
      } finally {
        issuer.stop();
      }
    }),
  );
}
