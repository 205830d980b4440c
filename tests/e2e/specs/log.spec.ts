// The log: who did what to whom, with what result, to find in and to take along.
import { readFile } from 'node:fs/promises';
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, muteButton, open } from '../panel.ts';

test('what was done is listed, the newest first, found by a word, and taken along as files', async ({
  page,
  callService,
}) => {
  const [muted, refused] = (await callService.openMicrophones(2)).map(nameOf) as [string, string];
  await find(page, muted);
  await muteButton(page, muted).click();
  await expect(muteButton(page, muted)).toHaveAttribute('aria-pressed', 'true');
  await callService.fault({ path_contains: '/mute', times: 1, fault: { status: 403 } });
  await find(page, refused);
  await muteButton(page, refused).click();
  await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
  await open(page, 'Scenes');
  await page.getByRole('textbox', { name: 'Scene name' }).fill('Opening');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Opening' })).toBeVisible();
  await open(page, 'Log');
  const lines = page.getByRole('table').getByRole('row');
  await expect(lines.nth(1)).toContainText('Operator 1saved a scene: Opening');
  await expect(lines.nth(2)).toContainText(`Operator 1muted${refused}failed`);
  await expect(lines.nth(3)).toContainText(`Operator 1muted${muted}completed`);
  await expect(lines.nth(3)).toContainText('127.0.0.1');

  // What happens while the room is open comes by itself.
  const [source] = (await callService.plainPeople()).map(nameOf);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await open(other, 'Desk');
  await fader(other, source!).press('PageDown');
  await expect(lines.nth(1)).toContainText('set the mix');
  await other.close();

  await page.getByRole('searchbox', { name: 'Search the log' }).fill(muted);
  await expect(lines).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('nobody is called this');
  await expect(page.getByText('No entry fits')).toBeVisible();

  for (const [name, holds] of [
    ['CSV', new RegExp(`${muted}.*completed`)],
    ['JSON Lines', /"kind":"mute"/],
  ] as const) {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name, exact: true }).click(),
    ]);
    expect(await readFile(await file.path(), 'utf8')).toMatch(holds);
  }
});

test('the log that cannot be read says so and is tried again', async ({ page }) => {
  await page.route('**/audit?**', (route) => route.fulfill({ status: 503, body: '{"detail":"The journal is away."}' }));
  await open(page, 'Log');
  await expect(page.getByText('The journal is away.')).toBeVisible();
  await page.unroute('**/audit?**');
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await expect(page.getByText(/Nobody did anything|joined the call/).first()).toBeVisible();
});
