// Mutes through Foldback beside nginx as a bare reverse proxy, both before the same call service.
import { Service } from '../../js/service.mjs';
import { Nginx, Proxy, figure, inFolder, load, waitsForDisk } from './rig.mjs';

const ROUNDS = 5;
const CONNECTIONS = 64;

/** A moment between two requests of a connection; together about 400 a second. */
const PACED = 'function delay() return math.random(60, 260) end\n';

export function mutes() {
  return inFolder(async (folder) => {
    const service = await new Service([]).ready();
    const told = {
      address: service.address,
      tenant: await service.value('tenant'),
      app: await service.value('client-id'),
      secret: await service.value('client-secret'),
    };
    const token = await service.token();
    const nginx = await Nginx.start(folder, service.address);
    const proxy = await Proxy.start(folder, told);
    try {
      await proxy.json('/foldback/v1/calls', { graph: {} });
      const call = `/v1.0/communications/calls/${service.call}`;
      const { value } = await proxy.json(`${call}/participants`);
      const person = value.find((it) => !it.info.identity.application && !it.isInLobby);
      const bearer = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const ways = [
        { name: 'the service itself', at: service, headers: bearer },
        { name: 'nginx', at: nginx, headers: bearer },
        { name: 'Foldback', at: proxy, headers: proxy.headers },
      ];
      const found = new Map(ways.map(({ name }) => [name, { rates: [], times: [], p99: [], paced: [] }]));
      const request = `wrk.method = "POST"\nwrk.body = '{"clientContext":"bench"}'\n`;
      const disk = [];
      for (let round = 0; round < ROUNDS; round++) {
        disk.push(...(await waitsForDisk(folder, 40)));
        for (const { name, at, headers } of ways) {
          const url = `${at.address}${call}/participants/${person.id}/mute`;
          const figures = found.get(name);
          const before = await at.processorTime?.();
          const full = await load(folder, url, headers, request, { connections: CONNECTIONS });
          if (before !== undefined) {
            figures.times.push((((await at.processorTime()) - before) * 1e6) / full.requests);
          }
          figures.rates.push(full.rate);
          figures.p99.push(full.p99);
          figures.paced.push((await load(folder, url, headers, request + PACED, { connections: CONNECTIONS })).p99);
        }
      }
      figure('mutes', 'one wait for the disk', 'ms', disk);
      const direct = found.get('the service itself');
      for (const { name } of ways) {
        const { rates, times } = found.get(name);
        figure('mutes', `${name}: requests`, '/s', rates);
        if (times.length > 0) figure('mutes', `${name}: processor time of the proxy`, 'µs a request', times);
      }
      const over = (figures, kind) => figures[kind].map((it, round) => it - direct[kind][round]);
      for (const name of ['nginx', 'Foldback']) {
        const figures = found.get(name);
        figure('mutes', `${name}: added p99, about 400 requests/s`, 'ms', over(figures, 'paced'));
        figure('mutes', `${name}: added p99, as many as it takes`, 'ms', over(figures, 'p99'));
      }
      const ratio = found.get('Foldback').rates.map((it, round) => it / found.get('nginx').rates[round]);
      figure('mutes', 'Foldback beside nginx: requests', '×', ratio);
    } finally {
      await proxy.stop();
      await nginx.stop();
      await service.stop();
    }
  });
}
