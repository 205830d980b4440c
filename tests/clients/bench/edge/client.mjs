// A plain client: one connection to each host, which is kept, and cookies as a browser keeps them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';

/** More than any sign-in takes. */
const STEPS = 20;

export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  /** By name and path. Ports do not keep cookies apart, and everything here is one host. */
  #cookies = new Map();

  /** One request, or with a form one that sends it, and the milliseconds until all of the answer is there. */
  async ask(url, { headers = {}, form } = {}) {
    const began = performance.now();
    const body = form && new URLSearchParams(form).toString();
    const type = form && { 'content-type': 'application/x-www-form-urlencoded' };
    const method = form ? 'POST' : 'GET';
    const outgoing = request(url, { method, agent: this.#agent, headers: { ...headers, ...type } });
    outgoing.end(body);
    const [answer] = await once(outgoing, 'response');
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    const { statusCode: status, headers: told } = answer;
    return { status, text, told, took: performance.now() - began };
  }

  /** The same with the cookies that belong to it, and those of the answer are kept. */
  async visit(url, { headers = {}, form } = {}) {
    const cookie = this.cookie(url);
    const answer = await this.ask(url, { headers: { ...headers, ...(cookie && { cookie }) }, form });
    for (const line of answer.told['set-cookie'] ?? []) this.#keep(line);
    return answer;
  }

  /** What it sends to an address, of the cookies whose names begin so. */
  cookie(url, name = '') {
    const { pathname } = new URL(url);
    const goes = ({ path, pair }) => pathname.startsWith(path) && pair.startsWith(name);
    return [...this.#cookies.values()].filter(goes).map(({ pair }) => pair).join('; ');
  }

  #keep(line) {
    const [pair, ...attributes] = line.split(';').map((it) => it.trim());
    const of = (name) => attributes.find((it) => it.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const path = of('path') ?? '/';
    const key = `${pair.split('=')[0]} ${path}`;
    const over = of('max-age') === '0' || new Date(of('expires')) < new Date();
    if (over) this.#cookies.delete(key);
    else this.#cookies.set(key, { path, pair });
  }

  /**
   * Signs in at `address` as an account of the provider, which asks who it is and whether Foldback may
   * know, and tells how many milliseconds all of it and each of Foldback's own requests took.
   */
  async signIn(address, account) {
    const began = performance.now();
    const goesOn = (answer) => {
      assert.equal(answer.status, 303, answer.text);
      return answer.told.location;
    };
    const begin = await this.visit(`${address}/sign-in`);
    let at = goesOn(begin);
    for (let step = 0; !at.startsWith(`${address}/sign-in/callback?`); step++) {
      assert.ok(step < STEPS, 'the provider leads back to Foldback');
      let answer = await this.visit(at);
      const [, prompt] = /name="prompt" value="(\w+)"/.exec(answer.text) ?? [];
      if (prompt) answer = await this.visit(at, { form: { prompt, login: account, password: 'any' } });
      at = new URL(goesOn(answer), at).href;
    }
    const back = await this.visit(at);
    goesOn(back);
    const headers = { 'sec-fetch-site': 'same-origin' };
    const session = await this.visit(`${address}/foldback/v1/session`, { headers });
    const whole = performance.now() - began;
    assert.equal(JSON.parse(session.text).operator.id, account, session.text);
    return { whole, begin: begin.took, back: back.took, session: session.took };
  }

  end() {
    this.#agent.destroy();
  }
}
