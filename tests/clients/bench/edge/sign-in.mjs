// What signing in takes, from the first request to the answer that somebody is signed in.
import assert from 'node:assert/strict';
import { figure } from '../proxy/rig.mjs';
import { Client } from './client.mjs';
import { organized } from './issuer.mjs';

const ROUNDS = 50;

/** Rounds before, in which Foldback reads the provider's configuration and keys. */
const FIRST = 5;

export function signIn() {
  return organized(async (proxy, issuer) => {
    const rounds = [];
    for (let round = -FIRST; round < ROUNDS; round++) {
      // Somebody else each time, with a browser that knows neither Foldback nor the provider.
      const client = new Client();
      issuer.exchanges.length = 0;
      const took = await client.signIn(proxy.address, `person-${round + FIRST}`);
      client.end();
      assert.equal(issuer.exchanges.length, 1, 'a code is exchanged once');
      if (round >= 0) rounds.push({ ...took, exchange: issuer.exchanges[0] });
    }
    const lines = [
      ['the whole trip', (it) => it.whole],
      ['Foldback: its three requests', (it) => it.begin + it.back + it.session],
      ['Foldback: its three requests without the provider’s token endpoint', (it) => it.begin + it.back + it.session - it.exchange],
      ['`GET /sign-in`', (it) => it.begin],
      ['`GET /sign-in/callback`', (it) => it.back],
      ['of it the provider’s token endpoint', (it) => it.exchange],
      ['of it Foldback, the way to the provider and the journal', (it) => it.back - it.exchange],
      ['`GET /foldback/v1/session`', (it) => it.session],
    ];
    for (const [what, of] of lines) figure('sign-in', what, 'ms', rounds.map(of));
  });
}
