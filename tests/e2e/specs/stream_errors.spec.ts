// Streams that end otherwise than they should, and a tab that slept.
import type { Page } from '@playwright/test';
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
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(4);
    const waits = asked.slice(1).map((at, i) => at - asked[i]!);
    // Twice as long each time, with chance in it: the first takes 250 to 500 ms, the fourth 2 to 4 s.
    expect(waits[3]!).toBeGreaterThan(1_990);
    await page.unroute(EVENTS);
    await expect(page.getByText('Connected', { exact: true })).toBeVisible({ timeout: 20_000 });
    const [person] = await callService.openMicrophones(1);
    await callService.mutesThemselves(person!);
    const row = await find(page, nameOf(person!));
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

test('a window too many rests, and comes back when its operator wants it', async ({ page }) => {
  const connected = (it: Page) => expect(it.getByText('Connected', { exact: true })).toBeVisible();
  const others: Page[] = [];
  for (let n = 0; n < 4; n += 1) {
    const other = await page.context().newPage();
    await other.goto(page.url());
    await connected(other);
    others.push(other);
  }
  await expect(page.getByText(/open in more windows than one sign-in may have/).first()).toBeVisible();
  // It stays where it is, and pushes nobody out.
  for (const other of others) await connected(other);
  await page.getByRole('button', { name: 'Try now', exact: true }).click();
  await connected(page);
  await expect(others[0]!.getByText(/open in more windows/).first()).toBeVisible();
});

test('a tab that was frozen reads on from where it was', async ({ page, callService }) => {
  const snapshots: string[] = [];
  page.on('request', (request) => {
    if (/\/foldback\/v1\/calls\/graph\.[^/]+$/.test(request.url())) snapshots.push(request.url());
  });
  const [person] = await callService.openMicrophones(1);
  const row = await find(page, nameOf(person!));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  await callService.mutesThemselves(person!);
  await cdp.send('Page.setWebLifecycleState', { state: 'active' });
  await expect(row).toContainText('Self-muted');
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  // By the stream, not by beginning anew.
  expect(snapshots).toEqual([]);
});
