// The Call Automation client for JavaScript on one connection, from connecting to hanging up, with the
// events it is sent meanwhile.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Acs, event, kindOf, only, refused } from './acs.mjs';
import { Receiver, Service } from './service.mjs';

async function started(t) {
  const service = await Service.start(t);
  return { service, receiver: await Receiver.start(t), acs: await Acs.of(service) };
}

async function connected(t) {
  const all = await started(t);
  const before = await all.acs.connected(all.receiver);
  return { ...all, before };
}

test('connects and reads the connection', async (t) => {
  const { receiver, acs } = await started(t);
  const answer = await acs.connect(receiver, 'ctx-c');
  assert.equal(answer.callConnectionProperties.callConnectionId, acs.id);
  const first = event(await receiver.next());
  assert.equal(first.kind, 'CallConnected');
  assert.equal(first.operationContext, 'ctx-c');
  const second = event(await receiver.next());
  assert.equal(second.kind, 'ParticipantsUpdated');
  assert.equal(second.participants.length, 12);
  assert.equal(typeof second.sequenceNumber, 'number');
  const now = await acs.connection.getCallConnectionProperties();
  assert.equal(now.callConnectionState, 'connected');
  assert.equal(now.serverCallId, second.serverCallId);
  assert.equal(now.correlationId, second.correlationId);
});

test('lists everybody and reads one of each kind', async (t) => {
  const { acs } = await connected(t);
  const people = await acs.people();
  const kinds = people.map((it) => kindOf(it.identifier)).sort();
  assert.deepEqual(kinds, [...Array(10).fill('communicationUser'), 'microsoftTeamsUser', 'phoneNumber']);
  for (const kind of new Set(kinds)) {
    const listed = people.find((it) => kindOf(it.identifier) === kind);
    assert.deepEqual(await acs.connection.getParticipant(listed.identifier), listed);
  }
});

test('mutes an ACS user, and the roster says so with the next number', async (t) => {
  const { receiver, acs, before } = await connected(t);
  const identifier = await acs.somebody('communicationUser');
  const result = await acs.connection.muteParticipant(identifier, { operationContext: 'ctx-m' });
  assert.equal(result.operationContext, 'ctx-m');
  const after = await receiver.until(only('ParticipantsUpdated'));
  assert.equal(after.sequenceNumber, before.sequenceNumber + 1);
  const id = identifier.communicationUserId;
  const muted = after.participants.find((it) => it.identifier.communicationUserId === id);
  assert.equal(muted.isMuted, true);
  assert.equal(await acs.isMuted(identifier), true);
});

test('refuses to mute a Teams user and a phone', async (t) => {
  const { acs } = await connected(t);
  for (const kind of ['microsoftTeamsUser', 'phoneNumber']) {
    const { identifier } = (await acs.people()).find((it) => kindOf(it.identifier) === kind);
    await refused(acs.connection.muteParticipant(identifier), 400, '8523');
  }
});

test('removes somebody', async (t) => {
  const { receiver, acs } = await connected(t);
  const identifier = await acs.somebody('communicationUser');
  const result = await acs.connection.removeParticipant(identifier, { operationContext: 'ctx-r' });
  assert.equal(result.operationContext, 'ctx-r');
  const done = await receiver.until(only('RemoveParticipantSucceeded'));
  assert.equal(done.operationContext, 'ctx-r');
  assert.deepEqual(done.participant, identifier);
  assert.equal(done.resultInformation.code, 200);
  await refused(acs.connection.getParticipant(identifier), 404);
  assert.equal((await acs.people()).length, 11);
});

for (const forEveryone of [false, true]) {
  test(`ends, ${forEveryone ? 'for everyone' : 'for the application'}`, async (t) => {
    const { receiver, acs } = await connected(t);
    await acs.connection.hangUp(forEveryone);
    const end = await receiver.until(only('CallDisconnected'));
    assert.equal(end.callConnectionId, acs.id);
    assert.equal(end.resultInformation.code, 200);
    await refused(acs.connection.getCallConnectionProperties(), 404, '8522');
  });
}

test('a connection that breaks is tried again by the client under the same identity', async (t) => {
  const { service, receiver, acs, before } = await connected(t);
  const identifier = await acs.somebody('communicationUser');
  await service.fault({ path_contains: ':mute', fault: 'reset' });
  await acs.connection.muteParticipant(identifier);
  const ids = (await service.arrived(':mute')).map((it) => it.headers['repeatability-request-id']);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
  const after = await receiver.until(only('ParticipantsUpdated'));
  assert.equal(after.sequenceNumber, before.sequenceNumber + 1);
  assert.equal(await acs.isMuted(identifier), true);
});

test('an answer that breaks off is an error, and the mute is done all the same', async (t) => {
  const { service, acs } = await connected(t);
  const identifier = await acs.somebody('communicationUser');
  await service.fault({ path_contains: ':mute', fault: 'half_body' });
  await assert.rejects(acs.connection.muteParticipant(identifier), { code: 'PARSE_ERROR' });
  assert.equal(await acs.isMuted(identifier), true);
});

test('every error a client can meet', async (t) => {
  const { service, acs } = await connected(t);
  const elsewhere = acs.client.getCallConnection('00000000-0000-0000-0000-000000000000');
  await refused(elsewhere.getCallConnectionProperties(), 404, '8522');
  await refused(elsewhere.listParticipants(), 404, '8522');
  const nobody = { communicationUserId: '8:acs:nobody_nobody' };
  await refused(acs.connection.getParticipant(nobody), 404);
  await refused(acs.connection.muteParticipant(nobody), 404);
  const somebody = await acs.somebody('communicationUser');
  const operationContext = 'x'.repeat(257);
  await refused(acs.connection.muteParticipant(somebody, { operationContext }), 400);
  assert.equal(await acs.isMuted(somebody), false);
  const stranger = await Acs.of(service, Buffer.alloc(32, 'k').toString('base64'));
  await refused(stranger.connection.getCallConnectionProperties(), 401);
});

for (const [how, fault] of [
  ['seconds', { status: 429, retry_after: 1 }],
  ['a date', { status: 429, retry_after_date: 2 }],
]) {
  test(`429 with ${how} is waited for, and the mute is done once`, async (t) => {
    const { service, receiver, acs, before } = await connected(t);
    const identifier = await acs.somebody('communicationUser');
    await service.fault({ path_contains: ':mute', fault });
    await acs.connection.muteParticipant(identifier);
    assert.deepEqual(await service.statuses(':mute'), [429, 200]);
    const [first, second] = acs.tries(':mute');
    assert.match(first['repeatability-request-id'], /^[0-9a-f-]{36}$/);
    assert.equal(second['repeatability-request-id'], first['repeatability-request-id']);
    assert.equal(second['repeatability-first-sent'], first['repeatability-first-sent']);
    const after = await receiver.until(only('ParticipantsUpdated'));
    assert.equal(after.sequenceNumber, before.sequenceNumber + 1);
    assert.equal(await acs.isMuted(identifier), true);
  });
}
