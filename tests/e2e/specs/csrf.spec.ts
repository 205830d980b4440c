// A page of another site in the browser of somebody who is signed in: whatever it sends, nothing reaches the
// call. What a program without a browser's manners may try stands in the proxy's own tests (csrf::matrix).
import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, test } from '../fixtures.ts';

type Attempt = { name: string; run: (target: string) => Promise<unknown> };

/** What a page can do without being told the answer. Each runs in the page. */
const ATTEMPTS: Attempt[] = [
  {
    name: 'a form in a frame',
    run: async (target) => {
      const frame = document.createElement('iframe');
      frame.name = 'out';
      document.body.append(frame);
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: target, target: 'out' });
      document.body.append(form);
      const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
      form.submit();
      await loaded;
    },
  },
  {
    name: 'a request that asks nobody first',
    run: (target) => fetch(target, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' }).catch(() => 'refused'),
  },
  {
    name: 'a request that asks first',
    run: (target) =>
      fetch(target, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }).catch(() => 'refused'),
  },
  {
    name: 'a beacon',
    run: async (target) => navigator.sendBeacon(target, new Blob(['{}'], { type: 'text/plain' })),
  },
  {
    name: 'a picture',
    run: (target) =>
      new Promise((done) => {
        const picture = new Image();
        picture.onload = picture.onerror = done;
        picture.src = target;
      }),
  },
];

test('another site cannot mute, mix, leave or sign out', async ({ page, demo, callService }) => {
  const evil = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html').end('<title>Kittens</title>');
  });
  await once(evil.listen(0, '127.0.0.1'), 'listening');
  const at = evil.address();
  if (typeof at !== 'object' || !at) throw new Error('no address');
  const [person] = await callService.openMicrophones(1);
  const call = await demo.value('graph-call-id');
  const origin = new URL(page.url()).origin;
  const targets = [
    `/v1.0/communications/calls/${call}/participants/${person!.id}/mute`,
    `/v1.0/communications/calls/${call}/mute`,
    `/beta/communications/calls/${call}/participants/configureMixer`,
    '/foldback/v1/calls',
    '/foldback/v1/revocations',
  ];
  const before = (await callService.requests()).filter((it) => it.method !== 'GET').length;
  const page2 = await page.context().newPage();
  const answers: [string, number][] = [];
  page2.on('response', (it) => {
    if (it.url().startsWith(origin)) answers.push([`${it.request().method()} ${it.url()}`, it.status()]);
  });
  // The same machine by another name is another site; by the same name and another port the same site, which
  // a SameSite cookie alone would not stop.
  for (const host of ['localhost', '127.0.0.1']) {
    for (const { name, run } of ATTEMPTS) {
      for (const target of targets) {
        await page2.goto(`http://${host}:${at.port}/`);
        await test.step(`${host}: ${name}: ${target}`, () => page2.evaluate(run, origin + target));
      }
    }
  }
  // No answer was a good one, and of what was asked with a method that changes something there were many.
  await expect.poll(() => answers.filter(([what]) => what.startsWith('POST')).length).toBeGreaterThan(targets.length);
  expect(answers.filter(([, status]) => status < 400)).toEqual([]);
  const after = (await callService.requests()).filter((it) => it.method !== 'GET').length;
  expect(after).toBe(before);

  // Nor can it put the panel into a frame of its own, or keep a hand on its window.
  await page2.goto(`http://localhost:${at.port}/`);
  const framed = await page2.evaluate(async (target) => {
    const frame = document.createElement('iframe');
    const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
    frame.src = target;
    document.body.append(frame);
    await loaded;
    return frame.contentDocument === null ? 'another’s' : frame.contentDocument.title;
  }, `${origin}/`);
  expect(framed).toBe('another’s');
  expect(await page2.frames()[1]?.evaluate(() => document.body.textContent ?? '')).not.toContain('Roster');

  // Whoever is signed in still is, and goes on.
  expect((await page.request.get(`${origin}/foldback/v1/session`)).status()).toBe(200);
  await page2.close();
  evil.closeAllConnections();
  evil.close();
});
