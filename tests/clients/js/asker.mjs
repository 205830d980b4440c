// A program of its own, so that whoever reads thousands of streams does not make its clock late: asks
// for one path again and again, and prints the milliseconds of each answer as a line of JSON.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const [url, headers, connections, each] = process.argv.slice(2).map((it, index) => (index ? JSON.parse(it) : it));

const took = [];
const asking = Array.from({ length: connections }, async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = 0; turn < each; turn++) {
    // As people do, who do not ask in step with one another.
    await pause(20 + Math.random() * 40);
    const began = performance.now();
    const outgoing = request(url, { agent, headers }).end();
    const [answer] = await once(outgoing, 'response');
    await answer.resume().toArray();
    took.push(performance.now() - began);
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`);
  }
  agent.destroy();
});
await Promise.all(asking);
console.log(JSON.stringify(took));
