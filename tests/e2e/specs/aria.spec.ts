// What a screen reader is told of the roster, the desk, the ducking room and the drawer.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, listenTo, muteButton, open } from '../panel.ts';

test.use({ rehearsal: ['--participants', '14'] });

test('roster', async ({ page, callService }) => {
  const [muted, refused] = (await callService.openMicrophones(2)).map(nameOf) as [string, string];
  await find(page, muted);
  await muteButton(page, muted).click();
  await expect(muteButton(page, muted)).toHaveAttribute('aria-pressed', 'true');
  await callService.fault({ path_contains: '/mute', times: 1, fault: { status: 403 } });
  await find(page, refused);
  await muteButton(page, refused).click();
  await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search participants' }).fill('');
  await expect(page.getByRole('main')).toMatchAriaSnapshot({ name: 'roster.aria.yml' });
});

test('desk', async ({ page, callService }) => {
  const [listener, source, ducker] = (await callService.plainPeople()).map(nameOf) as [string, string, string];
  await open(page, 'Desk');
  await listenTo(page, listener);
  await fader(page, source, listener).press('PageDown');
  await page.getByRole('button', { name: `${ducker} ducks others`, exact: true }).click();
  await expect(page.locator('[data-pending]')).toHaveCount(0);
  await expect(page.getByRole('main')).toMatchAriaSnapshot({ name: 'desk.aria.yml' });
});

test('ducking', async ({ page, callService }) => {
  const [listener, ducker] = (await callService.plainPeople()).map(nameOf) as [string, string];
  await open(page, 'Desk');
  await listenTo(page, listener);
  await page.getByRole('button', { name: `${ducker} ducks others`, exact: true }).click();
  await open(page, 'Ducking');
  await expect(page.getByRole('switch', { name: 'Ducking' })).toHaveAttribute('aria-checked', 'true');
  await expect(page.getByRole('main')).toMatchAriaSnapshot({ name: 'ducking.aria.yml' });
});

test('scenes', async ({ page, callService }) => {
  const [source] = (await callService.plainPeople()).map(nameOf) as [string];
  await open(page, 'Scenes');
  await page.getByRole('textbox', { name: 'Scene name' }).fill('Opening');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Opening on A' }).click();
  await open(page, 'Desk');
  await page.getByRole('switch', { name: 'Blind mode' }).click();
  await fader(page, source).press('PageDown');
  await open(page, 'Scenes');
  await expect(page.getByText('1 change from now')).toBeVisible();
  await expect(page.getByRole('main')).toMatchAriaSnapshot({ name: 'scenes.aria.yml' });
});

for (const [size, viewport] of [
  ['wide', { width: 1440, height: 900 }],
  ['tabs', { width: 1024, height: 768 }],
  ['sheet', { width: 390, height: 844 }],
] as const) {
  test(`drawer, ${size}`, async ({ newOperator, callService }) => {
    const page = await newOperator({ viewport });
    const [listener, source] = (await callService.plainPeople()).map(nameOf) as [string, string];
    await open(page, 'Desk');
    await listenTo(page, listener);
    await fader(page, source, listener).press('PageDown');
    await expect.poll(async () => (await callService.mixes()).length).toBeGreaterThan(0);
    await expect(page.locator('[data-pending]')).toHaveCount(0);
    if (size === 'sheet') await page.getByRole('button', { name: 'Details', exact: true }).click();
    await expect(page.getByRole('complementary', { name: 'Details' })).toMatchAriaSnapshot({ name: `drawer-${size}.aria.yml` });
  });
}
