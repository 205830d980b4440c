// A proxy before an embedded service, with a call joined, and raw sockets to it.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Service } from '../../js/service.mjs';
import { atEnd } from '../proxy/leash.mjs';
import { Proxy, UNHURRIED, inFolder } from '../proxy/rig.mjs';

/** Runs `work` with what a proxy has to know of an embedded service. */
export async function served(participants, work) {
  const service = new Service(['--participants', String(participants)]);
  const gone = atEnd(() => service.kill());
  try {
    await service.ready();
    return await work({
      address: service.address,
      tenant: await service.value('tenant'),
      app: await service.value('client-id'),
      secret: await service.value('client-secret'),
    });
  } finally {
    await service.stop();
    gone();
  }
}

/** Runs `work` with a proxy, the name of a call and a folder. */
export function staged(limits, participants, work) {
  return inFolder((folder) =>
    served(participants, async (service) => {
      const proxy = await Proxy.start(folder, service, '127.0.0.1:0', { ...UNHURRIED, ...limits });
      try {
        const { id } = await proxy.json('/foldback/v1/calls', { graph: {} });
        await work(proxy, id, folder);
      } finally {
        await proxy.stop('SIGKILL');
      }
    }),
  );
}

/** The head of a request with the operator's cookie; it ends where the next line would begin. */
export function head(proxy, method, path) {
  const host = new URL(proxy.address).host;
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${proxy.headers.cookie}\r\nSec-Fetch-Site: same-origin\r\n`;
}

/** A connection that has sent this. */
export async function sent(proxy, text) {
  const { hostname, port } = new URL(proxy.address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (text) socket.write(text);
  return socket;
}

/** So many open streams of a call, each of which has been heard. */
export async function streaming(proxy, call, many) {
  const text = `${head(proxy, 'GET', `/foldback/v1/calls/${call}/events?after=${proxy.after}`)}\r\n`;
  const sockets = [];
  while (sockets.length < many) {
    const some = Array.from({ length: Math.min(100, many - sockets.length) }, async () => {
      const socket = await sent(proxy, text);
      const [first] = await once(socket, 'data');
      if (!first.toString().startsWith('HTTP/1.1 200')) throw new Error(first.toString());
      socket.resume();
      return socket;
    });
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
