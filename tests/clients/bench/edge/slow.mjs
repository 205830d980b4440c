// How long slow clients are waited for, with the times that hold when nothing else is said.
import assert from 'node:assert/strict';
import { figure } from '../proxy/rig.mjs';
import { head, pause, sent, staged } from './stage.mjs';

const CLIENTS = 20;

/** Milliseconds in which none is closed yet. */
const SPARED = 5_000;

export function slow() {
  return staged({}, 1_000, async (proxy, call) => {
    const body = `${head(proxy, 'POST', '/foldback/v1/calls')}Content-Length: 100\r\n\r\n{`;
    const snapshots = `${head(proxy, 'GET', `/foldback/v1/calls/${call}`)}\r\n`.repeat(40);
    for (const [what, text, takes] of [
      ['no byte', '', true],
      ['half a head', 'GET / HTTP/1.1\r\nHost:', true],
      ['half a body', body, true],
      ['nothing is taken', snapshots, false],
    ]) {
      // Our own connections of before are gone by then.
      await pause(6_000);
      const before = await proxy.open();
      const began = performance.now();
      const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => sent(proxy, text)));
      for (const socket of sockets) takes ? socket.resume() : socket.pause();
      // Busy with the first, the proxy may not have taken the last: that one is not closed, but not open yet.
      while ((await proxy.open()) - before < CLIENTS) {
        assert.ok(performance.now() - began < SPARED, `${what}: the proxy takes all connections`);
        await pause(1);
      }
      // A reader that takes nothing does not see the end either: the proxy's side is looked at.
      const closed = [];
      while (closed.length < CLIENTS) {
        const left = (await proxy.open()) - before;
        while (closed.length < Math.min(CLIENTS, CLIENTS - left)) closed.push((performance.now() - began) / 1_000);
        await pause(20);
      }
      figure('slow', `${what}: closed after`, 's', closed);
      for (const socket of sockets) socket.destroy();
    }
  });
}
