// What a service that fails for everybody gets to see.
import { Service } from '../../js/service.mjs';
import { Proxy, figure, inFolder } from './rig.mjs';

const ASKED = 200;
const AT_ONCE = 8;

/** Faults that strike every request, and how they are told. */
const FAULTS = [
  ['answers 503', { status: 503 }],
  ['answers 503 with Retry-After: 1', { status: 503, retry_after: 1 }],
  ['resets the connection', 'reset'],
];

export async function outage() {
  for (const [name, fault] of FAULTS) {
    for (const [what, method, path] of [
      ['mutes', 'POST', 'mute'],
      ['readings', 'GET', ''],
    ]) {
      const sent = await inFolder((folder) => one(folder, fault, method, path));
      figure('outage', `${ASKED} ${what}, the service ${name}`, 'requests sent for each', [sent / ASKED]);
    }
  }
}

async function one(folder, fault, method, path) {
  const service = await new Service(['--inspect']).ready();
  const told = {
    address: service.address,
    tenant: await service.value('tenant'),
    app: await service.value('client-id'),
    secret: await service.value('client-secret'),
  };
  const proxy = await Proxy.start(folder, told);
  try {
    await proxy.json('/foldback/v1/calls', { graph: {} });
    const participants = `/v1.0/communications/calls/${service.call}/participants`;
    const { value } = await proxy.json(participants);
    const person = value.find((it) => !it.info.identity.application && !it.isInLobby);
    const target = [participants, person.id, path].filter(Boolean).join('/');
    await service.fault({ path_contains: '/communications/', percent: 100, fault });
    const before = (await service.arrived(target)).length;
    let left = ASKED;
    const sender = async () => {
      while (left-- > 0) {
        const body = method === 'POST' ? '{}' : undefined;
        await (await fetch(proxy.address + target, { method, headers: proxy.headers, body })).arrayBuffer();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    return (await service.arrived(target)).length - before;
  } finally {
    await proxy.stop();
    await service.stop();
  }
}
