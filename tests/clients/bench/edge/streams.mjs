// What open streams take, and what is left for others meanwhile.
import { figure, load } from '../proxy/rig.mjs';
import { head, pause, sent, staged, streaming } from './stage.mjs';

const MANY = { connections: 30_000, connections_per_address: 30_000, streams: 20_000, streams_per_session: 20_000 };
const ROUNDS = 3;

/** Readers that take nothing, at once. */
const SLOW = 100;

/** A moment between two requests of a connection; together about 200 a second. */
const PACED = 'function delay() return math.random(20, 60) end\n';

export async function streams() {
  const [five, ten] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    await staged(MANY, 43, async (proxy, call) => {
      proxy.after = (await proxy.json(`/foldback/v1/calls/${call}`)).sequence;
      const opened = await streaming(proxy, call, 500);
      const before = await proxy.memory();
      opened.push(...(await streaming(proxy, call, 5_000)));
      five.push(((await proxy.memory()) - before) / 5_000 / 1_024);
      opened.push(...(await streaming(proxy, call, 4_500)));
      ten.push(((await proxy.memory()) - before) / 9_500 / 1_024);
      for (const socket of opened) socket.destroy();
    });
  }
  figure('streams', 'memory of an idle stream, 5,000 more', 'KiB', five);
  figure('streams', 'memory of an idle stream, 10,000 in all', 'KiB', ten);
  await beside();
}

/** Requests beside 5,000 streams that get every fact, and readers that take nothing. */
function beside() {
  return staged(MANY, 1_000, async (proxy, call, folder) => {
    proxy.after = (await proxy.json(`/foldback/v1/calls/${call}`)).sequence;
    const url = `${proxy.address}/foldback/v1/calls`;
    const alone = [];
    for (let round = 0; round < ROUNDS; round++) {
      alone.push((await load(folder, url, proxy.headers, PACED, { connections: 8, seconds: 5 })).p99);
    }
    figure('streams', 'p99 of `GET /foldback/v1/calls`, nothing else', 'ms', alone);
    const opened = await streaming(proxy, call, 5_000);
    const snapshots = `${head(proxy, 'GET', `/foldback/v1/calls/${call}`)}\r\n`.repeat(40);
    const participants = `/v1.0/communications/calls/${call.split('.')[1]}/participants`;
    const { value } = await proxy.json(participants);
    const person = value.find((it) => !it.info.identity.application && !it.isInLobby);
    let going = true;
    // Each is two or three facts, written to every stream.
    const mutes = (async () => {
      for (; going; await pause(500)) await proxy.json(`${participants}/${person.id}/mute`, {});
    })();
    const slow = (async () => {
      const sockets = [];
      while (going) {
        const socket = await sent(proxy, snapshots);
        socket.pause();
        sockets.push(socket);
        if (sockets.length > SLOW) sockets.shift().destroy();
        await pause(6_000 / SLOW);
      }
      for (const socket of sockets) socket.destroy();
    })();
    await pause(6_000);
    const among = [];
    for (let round = 0; round < ROUNDS; round++) {
      among.push((await load(folder, url, proxy.headers, PACED, { connections: 8, seconds: 5 })).p99);
    }
    going = false;
    figure('streams', `p99 beside 5,000 streams with two mutes a second and ${SLOW} readers that take nothing`, 'ms', among);
    await Promise.all([slow, mutes]);
    for (const socket of opened) socket.destroy();
  });
}
