// Signed notifications of the ACS family, as a receiver checks them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Acs } from './acs.mjs';
import { Receiver, Service } from './service.mjs';
import { ACS, verifier } from './tokens.mjs';

test('an ACS event is signed for the resource and lives five minutes', async (t) => {
  const service = await Service.start(t);
  const receiver = await Receiver.start(t);
  const verify = await verifier(service, ACS);
  await (await Acs.of(service)).connect(receiver);
  const claims = await verify(await receiver.next());
  assert.equal(claims.exp - claims.iat, 300);
  await verify(await receiver.next());
});
