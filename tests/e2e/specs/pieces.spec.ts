// What the first screen does not need travels apart: when somebody asks for it, or ahead of that.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { landmark, open, PIECES } from '../panel.ts';

/** Loads the panel anew in a room. */
async function start(page: Page, room: string): Promise<void> {
  const { origin } = new URL(page.url());
  // From elsewhere: another hash alone would open the room in the page that stands.
  await page.goto('about:blank');
  await page.goto(`${origin}/#/${room}`);
}

test('a room fetches the pieces when it is opened, once for all', async ({ page }) => {
  let asked = 0;
  let goOn = () => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  await page.route(PIECES, async (route) => {
    asked += 1;
    await held;
    await route.continue();
  });
  await start(page, 'desk');
  await expect(page.getByText('Loading…', { exact: true })).toBeVisible();
  // The rest of the page does not wait.
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible();
  goOn();
  await expect(landmark(page, 'Desk')).toBeVisible();
  await open(page, 'Ducking');
  await page.keyboard.press('?');
  await expect(page.getByRole('region', { name: 'Keys' })).toBeVisible();
  expect(asked).toBe(1);
});

test('pieces that do not arrive are said, and can be fetched again', async ({ page }) => {
  // Told to save data, the panel fetches nothing ahead: nothing comes between the tries of this test.
  await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
  await page.route(PIECES, (route) => route.abort());
  await start(page, 'roster');
  await expect(landmark(page, 'Roster')).toBeVisible();
  await page.getByRole('link', { name: 'Desk', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'The desk could not be loaded' })).toBeVisible();
  await expect(page.getByRole('status')).toHaveText('The desk could not be loaded');
  // An answer that is no module is none either.
  await page.unroute(PIECES);
  await page.route(PIECES, (route) => route.fulfill({ status: 404, body: 'gone' }));
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'The desk could not be loaded' })).toBeVisible();
  await page.unroute(PIECES);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(landmark(page, 'Desk')).toBeVisible();
});

test('what did not arrive comes with the connection', async ({ page }) => {
  await page.route(PIECES, (route) => route.abort());
  await start(page, 'ducking');
  await expect(page.getByRole('heading', { name: 'Ducking could not be loaded' })).toBeVisible();
  await page.unroute(PIECES);
  await page.context().setOffline(true);
  await expect(page.getByText('Offline', { exact: true }).first()).toBeVisible();
  await page.context().setOffline(false);
  await expect(landmark(page, 'Ducking')).toBeVisible();
});

test('the pieces are fetched ahead, and a room opens without the network', async ({ page }) => {
  // Waiting for this one answer is waiting for the page to be at rest.
  const arrived = page.waitForEvent('requestfinished', (it) => PIECES.test(it.url()));
  await start(page, 'roster');
  await expect(landmark(page, 'Roster')).toBeVisible();
  await arrived;
  await page.context().setOffline(true);
  await expect(page.getByText('Offline', { exact: true }).first()).toBeVisible();
  await open(page, 'Desk');
  await open(page, 'Ducking');
});
