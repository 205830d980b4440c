// Switches and faults as Microsoft's JavaScript client for Graph meets them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { Call, item, refused } from './graph.mjs';
import { Receiver, Service } from './service.mjs';

async function joined(t, { version, ...more } = {}) {
  const service = await Service.start(t);
  const receiver = await Receiver.start(t);
  const call = await Call.of(service, { version });
  await call.join(receiver, more);
  return { service, receiver, call };
}

test('a missing permission is 403', async (t) => {
  const { service, receiver, call } = await joined(t);
  const { id } = await call.anOpenMicrophone();
  await service.switch({ permissions: 'Presence.Read.All' });
  await refused(call.join(receiver), 403, '7504');
  await refused(call.at(`/participants/${id}/mute`).post({}), 403, '7504');
  await service.switch({ permissions: 'Calls.JoinGroupCall.All' });
  await call.at(`/participants/${id}/mute`).post({});
});

test('a tenant that lets nobody be removed is 403', async (t) => {
  const { service, call } = await joined(t);
  const person = call.at(`/participants/${(await call.anOpenMicrophone()).id}`);
  await service.switch({ remove_participants: false });
  await refused(person.delete(), 403);
  await service.switch({ remove_participants: true });
  await person.delete();
  await refused(person.get(), 404, '8522');
});

test('a mix answered with 200', async (t) => {
  const { service, call } = await joined(t, { version: 'beta' });
  await service.switch({ mixer_status: 200 });
  const [, listener, source] = await call.people();
  const operation = await call.at('/participants/configureMixer').post({
    clientContext: randomUUID(),
    participantMixerLevels: [
      { participant: listener.id, sourceLevels: [{ participant: source.id, level: 50 }] },
    ],
  });
  assert.ok(operation.id);
  assert.deepEqual(await service.statuses('configureMixer'), [200]);
});

test('429 with a date is waited for', async (t) => {
  const { service, call } = await joined(t);
  await service.fault({ path_contains: '/keepAlive', fault: { status: 429, retry_after_date: 2 } });
  await call.at('/keepAlive').post({});
  assert.deepEqual(await service.statuses('/keepAlive'), [429, 200]);
});

test('tokens that hold no more are 401', async (t) => {
  const { service, call } = await joined(t);
  await service.fault({ access_tokens: 'expired' });
  await refused(call.at().get(), 401, 'InvalidAuthenticationToken');
  const again = await Call.of(service);
  assert.equal((await again.at().get()).id, service.call);
});

test('a delta roster counts on, with numbers or with text', async (t) => {
  const { service, receiver, call } = await joined(t, { callOptions: { isDeltaRosterEnabled: true } });
  const next = () =>
    receiver.until((it) => {
      const { resourceData } = item(it);
      return resourceData['@odata.type'] === '#microsoft.graph.deltaParticipants' ? resourceData : undefined;
    });
  const first = (await next()).sequenceNumber;
  assert.equal(typeof first, 'number');
  await service.switch({ int64: 'text' });
  const { id } = await call.anOpenMicrophone();
  await call.at(`/participants/${id}/mute`).post({});
  const second = (await next()).sequenceNumber;
  assert.equal(typeof second, 'string');
  assert.ok(Number(second) > first);
});

test('a call ends for a reason', async (t) => {
  const { service, receiver, call } = await joined(t);
  await service.fault({ call: 'ends', code: 200, subcode: 5000 });
  const end = await receiver.until((it) => (item(it).changeType === 'deleted' ? item(it) : undefined));
  assert.equal(end.resourceData.resultInfo.subcode, 5000);
  await refused(call.at().get(), 404, '8522');
});
