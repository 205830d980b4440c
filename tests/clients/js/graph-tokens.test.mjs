// Signed notifications of the Graph family, as a receiver checks them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { errors } from 'jose';
import { Call } from './graph.mjs';
import { Receiver, Service } from './service.mjs';
import { GRAPH, verifier } from './tokens.mjs';

test('a Graph notification is signed for the application', async (t) => {
  const service = await Service.start(t);
  const receiver = await Receiver.start(t);
  const verify = await verifier(service, GRAPH);
  await (await Call.of(service)).join(receiver);
  const claims = await verify(await receiver.next());
  assert.equal(claims.tid, await service.value('tenant'));
  assert.ok(claims.exp - claims.iat >= 3600);
});

test('an expired token and one of the other family are refused, the next is good', async (t) => {
  const service = await Service.start(t);
  const receiver = await Receiver.start(t);
  const verify = await verifier(service, GRAPH);
  await service.fault({ notification_tokens: 'expired', times: 1 });
  await service.fault({ notification_tokens: 'other_family', times: 1 });
  await (await Call.of(service)).join(receiver);
  await assert.rejects(verify(await receiver.next()), errors.JWTExpired);
  await assert.rejects(verify(await receiver.next()), errors.JOSEError);
  await verify(await receiver.next());
});
