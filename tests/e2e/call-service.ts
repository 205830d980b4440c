// The embedded call service from its own side: what arrived, who is there, and what is to go wrong.
// It is asked on its own address, past the proxy, as any client of the real service would ask.
import { expect } from '@playwright/test';
import type { Demo } from './demo.mjs';

/**
 * A request as the call service received it: its body as JSON and as the text that came, and the
 * status it was answered with (null while it waits).
 */
export type Arrived = { method: string; path: string; body: unknown; text: string; status: number | null };

/** What goes wrong with the next requests whose path holds the text. */
export type Fault = {
  path_contains?: string;
  times?: number;
  fault: 'hang' | 'reset' | { latency_ms: number } | { status: number; retry_after?: number };
};

/** What a person is in the service's roster. */
export type Person = {
  id: string;
  isMuted: boolean;
  isInLobby: boolean;
  info: { identity: Record<string, { id?: string; displayName?: string } | null> };
};

export type MixerBody = {
  clientContext: string;
  participantMixerLevels: {
    participant: string;
    exclusive?: boolean;
    ducking?: Ducking;
    sourceLevels: { participant: string; level?: number; duckOthers?: boolean }[];
  }[];
};

export type Ducking = {
  rampActive: number;
  rampInactive: number;
  lowerLevel: number;
  upperLevel: number;
};

/** What would run, load, reorder or stretch if a name were anything but a short text. */
const STRANGERS = [
  '<img src=x onerror="window.ran=1">',
  '"><script>window.ran=1</script>',
  "'-window.ran=1-'",
  'javascript:window.ran=1',
  '{{constructor.constructor("window.ran=1")()}}',
  '<svg/onload=window.ran=1>',
  '</style><style>*{display:none}</style>',
  '<iframe srcdoc="<script>parent.ran=1</script>">',
  '\u202Egnp.exe\u202C (muted)',
  'Z\u0351\u0364\u0346\u0369\u0312\u0313\u031A\u0343\u0315\u0359\u0331\u0322\u0326a\u0300\u0301\u0302\u0303\u0304\u0305\u0306lgo',
  'A\u200B\u200D\uFEFF\u2060da\u0000\u0007',
  'W'.repeat(256),
  'line\nbreak\r\nand\ttab',
];

export class CallService {
  #token: string | undefined;
  readonly #demo: Demo;

  constructor(demo: Demo) {
    this.#demo = demo;
  }

  /** Every request received so far, oldest first. */
  async requests(): Promise<Arrived[]> {
    return this.#rehearsal<Arrived[]>('GET', 'requests');
  }

  /** The configureMixer requests received so far, oldest first. */
  async mixRequests(): Promise<Arrived[]> {
    return (await this.requests()).filter((it) => it.path.includes('configureMixer'));
  }

  /** Their bodies. */
  async mixes(): Promise<MixerBody[]> {
    return (await this.mixRequests()).map((it) => it.body as MixerBody);
  }

  /** Somebody mutes themselves. */
  async mutesThemselves(person: Person): Promise<void> {
    await this.#rehearsal('POST', 'people', { mute: person.id });
  }

  /** Somebody unmutes themselves. */
  async unmutesThemselves(person: Person): Promise<void> {
    await this.#rehearsal('POST', 'people', { unmute: person.id });
  }

  /** Makes the service slow, busy, broken or silent for a while. */
  async fault(fault: Fault): Promise<void> {
    await this.#rehearsal('POST', 'faults', fault);
  }

  /** Somebody talks from now on, so loud (percent). */
  async talks(person: Person, level: number): Promise<void> {
    await this.#rehearsal('POST', 'people', { talk: { id: person.id, active: true, level } });
  }

  /** Somebody leaves the call. */
  async leaves(person: Person): Promise<void> {
    await this.#rehearsal('POST', 'people', { leave: person.id });
  }

  /** People come whose names are meant to do harm. */
  async strangersArrive(): Promise<void> {
    for (const name of STRANGERS) await this.#rehearsal('POST', 'people', { join: { name } });
  }

  /** The call ends for everybody. */
  async endsTheCall(): Promise<void> {
    await this.#rehearsal('POST', 'faults', { call: 'ends' });
  }

  /** So many plainly named people, each with an open microphone from now on. */
  async openMicrophones(count: number): Promise<Person[]> {
    const chosen = (await this.plainPeople()).slice(0, count);
    expect(chosen).toHaveLength(count);
    for (const person of chosen.filter((it) => it.isMuted)) await this.unmutesThemselves(person);
    return chosen;
  }

  /** The roster by the service's own API. */
  async participants(): Promise<Person[]> {
    const call = await this.#demo.value('graph-call-id');
    const url = `${await this.#address()}/v1.0/communications/calls/${call}/participants`;
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${await this.#bearer()}` },
    });
    expect(answer.status, 'the service lists its participants').toBe(200);
    return ((await answer.json()) as { value: Person[] }).value;
  }

  /** A person by id, as the service sees them now. */
  async participant(id: string): Promise<Person> {
    const found = (await this.participants()).find((it) => it.id === id);
    if (!found) throw new Error(`${id} is not in the call`);
    return found;
  }

  /**
   * Users in the conversation whose names are letters as they stand and part of nobody else's name,
   * those with an open microphone first.
   */
  async plainPeople(): Promise<Person[]> {
    const all = await this.participants();
    const names = all.map(nameOf);
    const plain = (name: string) => name === name.normalize('NFC') && /^\p{L}[\p{L} '’-]{2,40}$/u.test(name);
    return all
      .filter((it) => it.info.identity.user && !it.isInLobby && plain(nameOf(it)))
      .filter((it) => names.filter((name) => name.includes(nameOf(it))).length === 1)
      .sort((a, b) => Number(a.isMuted) - Number(b.isMuted));
  }

  async #bearer(): Promise<string> {
    if (this.#token) return this.#token;
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'https://graph.microsoft.com/.default',
      client_id: await this.#demo.value('client-id'),
      client_secret: await this.#demo.value('client-secret'),
    });
    const answer = await fetch(`${await this.#address()}/organizations/oauth2/v2.0/token`, {
      method: 'POST',
      body,
    });
    expect(answer.status, 'the token endpoint gives a token').toBe(200);
    this.#token = ((await answer.json()) as { access_token: string }).access_token;
    return this.#token;
  }

  async #rehearsal<T>(method: string, what: string, body?: object): Promise<T> {
    const answer = await fetch(`${await this.#address()}/rehearsal/v1/${what}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    expect(answer.ok, `${method} ${what}: ${answer.status} ${text}`).toBe(true);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  async #address(): Promise<string> {
    const address = await this.#demo.value('call-service');
    return (address.includes('://') ? address : `http://${address}`).replace(/\/$/, '');
  }
}

/** The display name of whoever this is. */
export function nameOf(person: Person): string {
  const identities = Object.entries(person.info.identity).filter(([kind]) => !kind.startsWith('@'));
  return identities.map(([, it]) => it?.displayName).find((name) => name !== undefined) ?? '';
}
