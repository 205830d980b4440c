// The Call Automation client for JavaScript, pointed at a rehearsal.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { getIdentifierKind } from '@azure/communication-common';
import { CallAutomationClient, parseCallAutomationEvent } from '@azure/communication-call-automation';

export const SCOPE = 'https://communication.azure.com//.default';

/** A policy of the client's pipeline that remembers every try that leaves. */
function wire(sent) {
  return {
    name: 'remember',
    sendRequest(request, next) {
      sent.push({ url: request.url, headers: request.headers.toJSON() });
      return next(request);
    },
  };
}

/** A policy that puts a token in the place of the client's own proof, which it sends over https only. */
function bearer(token) {
  return {
    name: 'bearer',
    sendRequest(request, next) {
      request.headers.set('authorization', `Bearer ${token}`);
      return next(request);
    },
  };
}

/** A client with the access key, and the service's standing connection. */
export class Acs {
  #sent = [];

  static async of(service, key) {
    const acs = new Acs();
    const policy = { policy: wire(acs.#sent), position: 'perRetry' };
    acs.client = new CallAutomationClient(
      service.address,
      { key: key ?? (await service.value('acs-access-key')) },
      { allowInsecureConnection: true, additionalPolicies: [policy] },
    );
    acs.id = await service.value('acs-connection-id');
    acs.connection = acs.client.getCallConnection(acs.id);
    return acs;
  }

  /** A client of the proxy, with an operator's token. */
  static async through(proxy, service) {
    const acs = new Acs();
    const policies = [bearer(proxy.token), wire(acs.#sent)];
    acs.client = new CallAutomationClient(
      proxy.address,
      { key: await service.value('acs-access-key') },
      {
        allowInsecureConnection: true,
        additionalPolicies: policies.map((policy) => ({ policy, position: 'perRetry' })),
      },
    );
    acs.id = await service.value('acs-connection-id');
    acs.connection = acs.client.getCallConnection(acs.id);
    return acs;
  }

  connect(receiver, operationContext) {
    const locator = { kind: 'groupCallLocator', id: randomUUID() };
    return this.client.connectCall(locator, receiver.url, { operationContext });
  }

  /** Connects and waits until something can be asked for; the first roster. */
  async connected(receiver, operationContext) {
    await this.connect(receiver, operationContext);
    assert.equal(event(await receiver.next()).kind, 'CallConnected');
    return receiver.until(only('ParticipantsUpdated'));
  }

  /** Headers of the tries whose address holds `part`. */
  tries(part) {
    return this.#sent.filter((it) => it.url.includes(part)).map((it) => it.headers);
  }

  /** Everybody, as the client reads them. */
  async people() {
    return (await this.connection.listParticipants()).values;
  }

  /** The first of a kind, with an open microphone unless said otherwise. */
  async somebody(kind, isMuted = false) {
    const people = await this.people();
    const found = people.find((it) => kindOf(it.identifier) === kind && it.isMuted === isMuted);
    assert.ok(found, `somebody of kind ${kind}, muted ${isMuted}`);
    return found.identifier;
  }

  async isMuted(identifier) {
    return (await this.connection.getParticipant(identifier)).isMuted;
  }
}

/** `communicationUser`, `microsoftTeamsUser`, `phoneNumber` and the like. */
export function kindOf(identifier) {
  return getIdentifierKind(identifier).kind;
}

/** The event of a delivery by the vendor's parser. */
export function event(delivery) {
  assert.equal(JSON.parse(delivery.text).length, 1);
  return parseCallAutomationEvent(delivery.text);
}

/** The event of a delivery if it is of this kind. */
export function only(kind) {
  return (delivery) => {
    const found = event(delivery);
    return found.kind === kind ? found : undefined;
  };
}

/** Waits for the client's own error and checks it. */
export async function refused(promise, statusCode, code) {
  const error = await promise.then(
    () => assert.fail(`expected ${statusCode}`),
    (error) => error,
  );
  assert.equal(error.name, 'RestError', String(error));
  assert.equal(error.statusCode, statusCode, error.message);
  if (code) assert.equal(error.code, code, error.message);
  return error;
}
