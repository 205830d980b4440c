// Microsoft's Graph client for JavaScript, pointed at a rehearsal.
import assert from 'node:assert/strict';
import {
  Client,
  GraphError,
  HTTPMessageHandler,
  RetryHandler,
  RetryHandlerOptions,
  TelemetryHandler,
} from '@microsoft/microsoft-graph-client';

/** The client's own authentication sends a token over https only; loopback is plain http. */
class Bearer {
  constructor(token) {
    this.token = token;
  }

  setNext(next) {
    this.next = next;
  }

  async execute(context) {
    const headers = new Headers(context.options.headers);
    headers.set('authorization', `Bearer ${this.token}`);
    context.options.headers = Object.fromEntries(headers);
    await this.next.execute(context);
  }
}

/** A client with its own retry handler. */
export async function graphClient(service, { token, version = 'v1.0' } = {}) {
  const middleware = [
    new Bearer(token ?? (await service.token())),
    new RetryHandler(new RetryHandlerOptions()),
    new TelemetryHandler(),
    new HTTPMessageHandler(),
  ];
  middleware.reduce((one, next) => (one.setNext(next), next));
  return Client.initWithMiddleware({
    middleware: middleware[0],
    baseUrl: `${service.address}/`,
    defaultVersion: version,
  });
}

/** The standing call of a service through the client. */
export class Call {
  constructor(client, service) {
    this.client = client;
    this.path = `/communications/calls/${service.call}`;
  }

  static async of(service, options) {
    return new Call(await graphClient(service, options), service);
  }

  at(below = '') {
    return this.client.api(this.path + below);
  }

  /** Joins as an application does. */
  join(receiver, more = {}) {
    return this.client.api('/communications/calls').post({
      '@odata.type': '#microsoft.graph.call',
      callbackUri: receiver.url,
      requestedModalities: ['audio'],
      mediaConfig: { '@odata.type': '#microsoft.graph.serviceHostedMediaConfig' },
      ...more,
    });
  }

  async people() {
    return (await this.at('/participants').get()).value;
  }

  /** Somebody in the conversation who is not muted and is not the application. */
  async anOpenMicrophone() {
    const open = (it) => !it.isMuted && !it.isInLobby && !it.info.identity.application;
    const found = (await this.people()).find(open);
    assert.ok(found, 'not everybody is muted');
    return found;
  }
}

/** Waits for the client's own error and checks it. */
export async function refused(promise, statusCode, code, says = '') {
  const error = await promise.then(
    () => assert.fail(`expected ${statusCode}`),
    (error) => error,
  );
  assert.ok(error instanceof GraphError, String(error));
  assert.equal(error.statusCode, statusCode, error.message);
  if (code) assert.equal(error.code, code, error.message);
  assert.ok(error.message.includes(says), error.message);
  assert.ok(error.requestId, 'an error can be traced');
  return error;
}

/** The only item of a notification, its envelope checked. */
export function item(delivery) {
  assert.match(delivery.headers['content-type'], /^application\/json/);
  const body = JSON.parse(delivery.text);
  assert.equal(body['@odata.type'], '#microsoft.graph.commsNotifications');
  assert.equal(body.value.length, 1);
  return body.value[0];
}
