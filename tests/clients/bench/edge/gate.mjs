// What a request costs before anything is done for it.
import { figure, load } from '../proxy/rig.mjs';
import { staged } from './stage.mjs';

const ROUNDS = 5;

export function gate() {
  return staged({}, 43, async (proxy, _call, folder) => {
    const ways = [
      ['nobody asks: `GET /healthz`', '/healthz', {}],
      ['an operator asks: `GET /foldback/v1/session`', '/foldback/v1/session', proxy.headers],
    ];
    const found = ways.map(() => ({ times: [], rates: [] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, [, path, headers]] of ways.entries()) {
        const before = await proxy.processorTime();
        const { requests, rate } = await load(folder, proxy.address + path, headers, '');
        found[index].times.push((((await proxy.processorTime()) - before) * 1e6) / requests);
        found[index].rates.push(rate);
      }
    }
    for (const [index, [what]] of ways.entries()) {
      figure('gate', `${what}: processor time`, 'µs a request', found[index].times);
      figure('gate', `${what}: answered`, '/s', found[index].rates);
    }
    const [open, gated] = found;
    figure('gate', 'gate, session, role and answer of it', 'µs a request', gated.times.map((it, round) => it - open.times[round]));
  });
}
