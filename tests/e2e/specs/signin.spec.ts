// Signing in by the link that the demo prints: once, by a cookie no script can read, and not otherwise.
import { expect, test } from '../fixtures.ts';

test('the link signs in and leaves a cookie that no script and no other site sees', async ({ page }) => {
  const cookies = await page.context().cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('the link leaves no secret in the address', async ({ page, demo }) => {
  const origin = new URL(await demo.link()).origin;
  const here = new URL(page.url());
  expect(here.origin).toBe(origin);
  expect(here.pathname).toBe('/');
  expect(here.search).toBe('');
});

test('a link works once and the next one is another', async ({ demo, browser }) => {
  const link = await demo.link();
  const first = await browser.newContext();
  const page = await first.newPage();
  await page.goto(link);
  await expect(page.getByRole('grid', { name: 'Roster' })).toBeVisible();
  expect(await demo.link()).not.toBe(link);

  const second = await browser.newContext();
  const again = await second.request.get(link, { maxRedirects: 0 });
  expect(again.status()).toBeGreaterThanOrEqual(400);
  expect(await second.cookies()).toEqual([]);
  await first.close();
  await second.close();
});

test('without the cookie nothing is told', async ({ page, demo, playwright }) => {
  const origin = new URL(page.url()).origin;
  const call = await demo.value('graph-call-id');
  const stranger = await playwright.request.newContext();
  for (const path of [
    '/foldback/v1/calls',
    `/foldback/v1/calls/graph.${call}`,
    `/v1.0/communications/calls/${call}/participants`,
    '/calling/callConnections/abc',
  ]) {
    expect((await stranger.get(origin + path)).status(), path).toBe(401);
  }
  const own = await page.request.get(`${origin}/foldback/v1/calls`);
  expect(own.status()).toBe(200);
  await stranger.dispose();
});

test('from another origin a command is refused though the cookie is there', async ({ page, demo, callService }) => {
  const origin = new URL(page.url()).origin;
  const call = await demo.value('graph-call-id');
  const [person] = await callService.plainPeople();
  const answer = await page.request.post(
    `${origin}/v1.0/communications/calls/${call}/participants/${person!.id}/mute`,
    { data: {}, headers: { origin: 'https://example.org', 'sec-fetch-site': 'cross-site' } },
  );
  expect(answer.status()).toBe(403);
  const mutes = (await callService.requests()).filter((it) => it.path.endsWith('/mute'));
  expect(mutes).toEqual([]);
});
