// Verifies the tokens of notifications with jose against the published keys of their family.
import assert from 'node:assert/strict';
import { createRemoteJWKSet, jwtVerify } from 'jose';

export const GRAPH = {
  path: '/v1/.well-known/OpenIdConfiguration',
  issuer: 'https://api.botframework.com',
  audience: 'client-id',
};
export const ACS = {
  path: '/calling/.well-known/acsopenidconfiguration',
  issuer: 'https://acscallautomation.communication.azure.com',
  audience: 'acs-resource-id',
};

/** A function that verifies deliveries of one family. */
export async function verifier(service, { path, issuer, audience }) {
  const published = await (await fetch(service.address + path)).json();
  assert.equal(published.issuer, issuer);
  const keys = createRemoteJWKSet(new URL(published.jwks_uri));
  const options = { issuer, audience: await service.value(audience), algorithms: ['RS256'] };
  return async (delivery) => {
    const [scheme, token] = (delivery.headers.authorization ?? '').split(' ');
    assert.equal(scheme, 'Bearer');
    return (await jwtVerify(token, keys, options)).payload;
  };
}
