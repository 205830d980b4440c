// Streams that end otherwise than they should, and a tab that slept.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { find } from '../panel.ts';

const EVENTS = /\/foldback\/v1\/calls\/[^/]+\/events/;

for (const [what, answer] of [
  ['an error', { status: 500, contentType: 'application/problem+json', body: '{}' }],
  ['a page of HTML', { status: 200, contentType: 'text/html', body: '<!doctype html><h1>Please sign in</h1>' }],
  ['a gateway that is tired', { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }],
] as const) {
  test(`a stream answered with ${what} is opened again, with growing waits`, async ({ page, callService }) => {
    const asked: number[] = [];
    await page.route(EVENTS, async (route) => {
      asked.push(Date.now());
      await route.fulfill(answer);
    });
    await page.reload();
    await expect(page.getByText('Connection lost').last()).toBeVisible();
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(3);
    const waits = asked.slice(1).map((at, i) => at - asked[i]!);
    expect(Math.max(...waits)).toBeGreaterThan(2 * Math.max(250, Math.min(...waits)));
    await page.unroute(EVENTS);
    await expect(page.getByText('Connected', { exact: true })).toBeVisible({ timeout: 20_000 });
    const person = (await callService.participants()).find((it) => !it.isMuted && !it.isInLobby)!;
    await callService.mutesThemselves(person);
    const row = await find(page, nameOf(person));
    await expect(row).toContainText('Self-muted');
  });
}

test('a stream answered with 401 means signed out, and nobody asks again', async ({ page }) => {
  let asked = 0;
  await page.route(EVENTS, async (route) => {
    asked += 1;
    await route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' });
  });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  expect(asked).toBe(1);
});

test('a tab that was frozen reads on from where it was', async ({ page, callService }) => {
  const snapshots: string[] = [];
  page.on('request', (request) => {
    if (/\/foldback\/v1\/calls\/graph\.[^/]+$/.test(request.url())) snapshots.push(request.url());
  });
  const person = (await callService.participants()).find((it) => !it.isMuted && !it.isInLobby)!;
  const row = await find(page, nameOf(person));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  await callService.mutesThemselves(person);
  await cdp.send('Page.setWebLifecycleState', { state: 'active' });
  await expect(row).toContainText('Self-muted');
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  // By the stream, not by beginning anew.
  expect(snapshots).toEqual([]);
});
