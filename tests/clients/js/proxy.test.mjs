// The vendors' clients through the proxy, with a token of the organization's issuer.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { Acs } from './acs.mjs';
import { Call } from './graph.mjs';
import { Proxy } from './proxy.mjs';
import { Service } from './service.mjs';

const ADA = { operator: { id: 'ada', name: 'Ada King' } };

async function started(t) {
  const service = await Service.start(t);
  return { service, proxy: await Proxy.start(t, service) };
}

test("Graph's client reads the roster, mutes and mixes", async (t) => {
  const { service, proxy } = await started(t);
  const id = await proxy.joined({ graph: {} });
  assert.equal(id, `graph.${service.call}`);
  const at = { address: proxy.address, call: service.call };
  const call = await Call.of(at, { token: proxy.token });
  const people = await call.people();
  assert.equal(people.length, 43);
  const person = await call.anOpenMicrophone();
  const operation = await call.at(`/participants/${person.id}/mute`).post({ clientContext: 'by Ada' });
  assert.equal(operation.status, 'completed');
  assert.equal((await call.at(`/operations/${operation.id}`).get()).id, operation.id);
  assert.equal((await call.at(`/participants/${person.id}`).get()).isMuted, true);
  const body = {
    clientContext: randomUUID(),
    participantMixerLevels: [
      {
        participant: people.find((it) => it.id !== person.id && !it.isInLobby && !it.info.identity.application).id,
        exclusive: false,
        sourceLevels: [{ participant: person.id, level: 50, duckOthers: false }],
      },
    ],
  };
  const beta = await Call.of(at, { token: proxy.token, version: 'beta' });
  await beta.at('/participants/configureMixer').post(body);
  // What left the proxy is what the client wrote, with the app's token and not the operator's.
  const [sent] = await service.arrived('/configureMixer');
  assert.deepEqual(sent.body, body);
  const asked = await proxy.asked(id);
  assert.deepEqual(asked.map(({ by, kind }) => ({ by, kind })), [
    { by: ADA, kind: 'mute' },
    { by: ADA, kind: 'configureMixer' },
  ]);
});

test("Graph's client is told why its token is not taken", async (t) => {
  const { service, proxy } = await started(t);
  await proxy.joined({ graph: {} });
  // The app's own token is for the service and not for the proxy.
  const call = await Call.of({ address: proxy.address, call: service.call }, { token: await service.token() });
  const error = await call.people().then(assert.fail, (error) => error);
  assert.equal(error.statusCode, 401);
  assert.match(error.message, /bearer token is not taken/);
});

test("the Call Automation client mutes one of ACS's own users", async (t) => {
  const { service, proxy } = await started(t);
  const id = await proxy.joined({ acs: { groupCallId: randomUUID() } });
  const acs = await Acs.through(proxy, service);
  const user = await acs.somebody('communicationUser');
  await acs.connection.muteParticipant(user, { operationContext: 'by Ada' });
  assert.equal(await acs.isMuted(user), true);
  const asked = await proxy.asked(id);
  assert.deepEqual(asked.map(({ by, kind }) => ({ by, kind })), [{ by: ADA, kind: 'mute' }]);
});
