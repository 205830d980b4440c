// `foldback serve` before a rehearsal, and an organization's issuer whose tokens it takes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { PATIENCE } from './service.mjs';

const BINARY =
  process.env.FOLDBACK_BINARY ??
  fileURLToPath(new URL('../../../target/debug/foldback', import.meta.url));

const AUDIENCE = 'api://foldback';

/** Publishes one key, as OpenID Connect Discovery has it, and signs with it. */
class Issuer {
  #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });

  static async start(t) {
    const issuer = new Issuer();
    const server = createServer((request, response) => {
      const jwk = issuer.#keys.publicKey.export({ format: 'jwk' });
      const answers = {
        '/.well-known/openid-configuration': { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` },
        '/keys': { keys: [{ ...jwk, use: 'sig', kid: 'one' }] },
      };
      const body = answers[request.url];
      response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    issuer.url = `http://127.0.0.1:${server.address().port}`;
    return issuer;
  }

  token(claims) {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'one' })
      .setIssuer(this.url)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(this.#keys.privateKey);
  }
}

/** A proxy in front of `service`; whoever has a `token` of its issuer may use it. */
export class Proxy {
  /** @param {import('node:test').TestContext} t */
  static async start(t, service) {
    const issuer = await Issuer.start(t);
    const folder = await mkdtemp(join(tmpdir(), 'foldback-test-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'secret'), await service.value('client-secret'));
    await writeFile(join(folder, 'key'), await service.value('acs-access-key'));
    const config = join(folder, 'foldback.toml');
    await writeFile(
      config,
      `[graph]
tenant = "${await service.value('tenant')}"
client_id = "${await service.value('client-id')}"
credential = { secret_file = "secret" }
[acs]
credential = { access_key_file = "key" }
resource_id = "${await service.value('acs-resource-id')}"
[sign_in]
issuer = "${issuer.url}"
client_id = "${AUDIENCE}"
default_role = "producer"
[limits]
streams_end_within_ms = 0
[rehearsal]
enabled = true
call_service = "${service.address}"
`,
    );
    const args = ['serve', '--config', config, '--addr', '127.0.0.1:0'];
    const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
    t.after(async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const hanging = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      const [code] = await ended;
      clearTimeout(hanging);
      assert.equal(code, 0, log);
    });
    const proxy = new Proxy();
    for await (const line of createInterface({ input: child.stdout })) {
      const [name, value] = line.split(': ');
      if (name === 'address') proxy.address = value;
      if (name === 'sign-in') break;
    }
    assert.ok(proxy.address, log);
    proxy.token = await issuer.token({ sub: 'ada', name: 'Ada King' });
    return proxy;
  }

  /** What Foldback itself answers whoever has the token. */
  async json(path, body) {
    const headers = { authorization: `Bearer ${this.token}` };
    if (body) headers['content-type'] = 'application/json';
    const request = body && { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(this.address + path, { headers, ...request });
    const text = await answer.text();
    assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  /** Joins a call; the snapshot with everybody in it is asked for until it is there. */
  async joined(meeting) {
    const { id } = await this.json('/foldback/v1/calls', meeting);
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const state = await this.json(`/foldback/v1/calls/${id}`);
      if (Object.keys(state.roster).length > 0 && state.call?.state === 'established') return id;
      assert.ok(performance.now() < deadline, 'the call is established');
    }
  }

  /** Who asked for what in a call, oldest first. */
  async asked(id) {
    const { operations } = await this.json(`/foldback/v1/calls/${id}`);
    return operations.map(({ by, request, state }) => ({ by, kind: request.kind, state }));
  }
}
