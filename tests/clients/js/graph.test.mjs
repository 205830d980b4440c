// Microsoft's JavaScript client on one Graph call: join, read, mute, mix, keep alive, leave, and what
// is notified meanwhile.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { Call, graphClient, item, refused } from './graph.mjs';
import { Receiver, Service } from './service.mjs';

async function joined(t, options) {
  const service = await Service.start(t);
  const receiver = await Receiver.start(t);
  const call = await Call.of(service, options);
  const answer = await call.join(receiver);
  return { service, receiver, call, answer };
}

function mix(listener, source, more = {}) {
  const sourceLevels = [{ participant: source, level: 50, duckOthers: false, ...more }];
  return {
    clientContext: randomUUID(),
    participantMixerLevels: [{ participant: listener, exclusive: false, sourceLevels }],
  };
}

test('joins and reads the call', async (t) => {
  const { service, receiver, call, answer } = await joined(t);
  assert.equal(answer.id, service.call);
  assert.equal(answer.state, 'establishing');
  await receiver.until((it) => item(it).resourceData.state === 'established' || undefined);
  const now = await call.at().get();
  assert.equal(now.state, 'established');
  assert.equal(now.callbackUri, receiver.url);
  const people = await call.people();
  assert.equal(people.length, 43);
  assert.ok(people.some((it) => it.id === now.myParticipantId));
  const one = await call.at(`/participants/${people[0].id}`).get();
  assert.deepEqual(one.info, people[0].info);
});

test('mutes somebody, and the roster says so', async (t) => {
  const { service, receiver, call } = await joined(t);
  const { id } = await call.anOpenMicrophone();
  const operation = await call.at(`/participants/${id}/mute`).post({ clientContext: 'ctx-1' });
  assert.equal(operation.status, 'completed');
  assert.equal(operation.clientContext, 'ctx-1');
  assert.equal(operation['@odata.type'], '#microsoft.graph.muteParticipantOperation');
  assert.equal((await call.at(`/operations/${operation.id}`).get()).status, 'completed');
  const muted = await receiver.until((delivery) => {
    const { resourceUrl, resourceData } = item(delivery);
    if (resourceUrl !== `/communications/calls/${service.call}/participants`) return undefined;
    return resourceData.find((it) => it.id === id && it.isMuted);
  });
  assert.equal(muted.mediaStreams[0].serverMuted, true);
});

test('mutes and unmutes itself', async (t) => {
  const { call, answer } = await joined(t);
  const me = call.at(`/participants/${answer.myParticipantId}`);
  assert.equal((await call.at('/mute').post({ clientContext: 'm' })).status, 'completed');
  assert.equal((await me.get()).isMuted, true);
  assert.equal((await call.at('/unmute').post({ clientContext: 'u' })).status, 'completed');
  assert.equal((await me.get()).isMuted, false);
});

test('keeps alive and leaves, and the end comes with its reason', async (t) => {
  const { service, receiver, call } = await joined(t);
  await call.at('/keepAlive').post({});
  await call.at().delete();
  await refused(call.at().get(), 404, '8522');
  const end = await receiver.until((delivery) => {
    const { changeType, resourceUrl, resourceData } = item(delivery);
    const isEnd = changeType === 'deleted' && resourceUrl === `/communications/calls/${service.call}`;
    return isEnd ? resourceData : undefined;
  });
  assert.equal(end.state, 'terminated');
  assert.equal(end.resultInfo.code, 200);
});

test('configureMixer is accepted and its end notified', async (t) => {
  const { service, receiver, call } = await joined(t, { version: 'beta' });
  const [, listener, source] = await call.people();
  const body = mix(listener.id, source.id);
  const operation = await call.at('/participants/configureMixer').post(body);
  assert.equal(operation['@odata.type'], '#microsoft.graph.commsOperation');
  assert.equal(operation.status, 'running');
  assert.equal(operation.clientContext, body.clientContext);
  const [arrived] = await service.arrived('configureMixer');
  assert.equal(arrived.status, 202);
  const done = await receiver.until((delivery) => {
    const { resourceUrl, resourceData } = item(delivery);
    return resourceUrl.endsWith(`/operations/${operation.id}`) ? resourceData : undefined;
  });
  assert.equal(done.clientContext, body.clientContext);
  assert.equal(done.status, 'completed');
});

test('what a mix may not say', async (t) => {
  const { service, call } = await joined(t, { version: 'beta' });
  const [, { id: listener }, { id: source }] = await call.people();
  const configure = (body) => call.at('/participants/configureMixer').post(body);
  await refused(configure(mix(listener, source, { level: -1 })), 400, undefined, 'level');
  await refused(configure(mix(listener, source, { level: 101 })), 400, undefined, 'level');
  await refused(configure(mix(listener, listener)), 400);
  await refused(configure(mix(listener, source, { duckOthers: true })), 400, undefined, 'duck');
  await refused(configure(mix(listener, randomUUID())), 404, '8522');
  const released = await Call.of(service);
  await refused(released.at('/participants/configureMixer').post(mix(listener, source)), 404);
});

test('every error a client can meet', async (t) => {
  const { service, call } = await joined(t);
  const stranger = await graphClient(service, { token: 'not-one-of-ours' });
  await refused(stranger.api(call.path).get(), 401, 'InvalidAuthenticationToken');
  await refused(call.client.api(`/communications/calls/${randomUUID()}`).get(), 404, '8522');
  const nobody = randomUUID();
  await refused(call.at(`/participants/${nobody}`).get(), 404, '8522', nobody);
  await refused(call.at(`/participants/${nobody}/mute`).post({}), 404, '8522', nobody);
  const long = { clientContext: 'x'.repeat(257) };
  await refused(call.at('/mute').post(long), 400, undefined, 'clientContext');
  await refused(call.at('/mute').post({ clientContext: 7 }), 400);
  await refused(call.client.api('/communications/calls').post({}), 400, undefined, 'callbackUri');
  await refused(call.at().put({}), 405);
});

test('429 with seconds is waited for by the retry handler', async (t) => {
  const { service, call } = await joined(t);
  const { id } = await call.anOpenMicrophone();
  await service.fault({ path_contains: '/mute', fault: { status: 429, retry_after: 1 } });
  const started = performance.now();
  await call.at(`/participants/${id}/mute`).post({ clientContext: 'ctx' });
  assert.ok(performance.now() - started >= 990);
  assert.deepEqual(await service.statuses('/mute'), [429, 200]);
});

test('503 is tried again, and given up after three times', async (t) => {
  const { service, call } = await joined(t);
  await service.fault({ path_contains: '/keepAlive', fault: { status: 503, retry_after: 1 } });
  await call.at('/keepAlive').post({});
  assert.deepEqual(await service.statuses('/keepAlive'), [503, 200]);
  await service.fault({ path_contains: '/operations', times: 9, fault: { status: 503, retry_after: 0 } });
  await refused(call.at('/operations').get(), 503);
  assert.deepEqual(await service.statuses('/operations'), [503, 503, 503, 503]);
});
