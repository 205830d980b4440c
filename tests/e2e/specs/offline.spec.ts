// The network goes and comes back: the page stays, says what it is, and misses nothing.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { find, muteButton } from '../panel.ts';

test('facts of an outage arrive after it, each once, without loading the page anew', async ({ page, callService }) => {
  const open = await callService.openMicrophones(3);
  for (const person of open) {
    await find(page, nameOf(person));
    await expect(muteButton(page, nameOf(person))).toHaveAttribute('aria-pressed', 'false');
  }
  await page.evaluate(() => Object.assign(window, { stillHere: true }));
  await page.context().setOffline(true);
  await expect(page.getByText('Offline', { exact: true }).first()).toBeVisible();
  for (const person of open) await callService.mutesThemselves(person);
  await find(page, nameOf(open[0]!));
  await expect(muteButton(page, nameOf(open[0]!))).toHaveAttribute('aria-pressed', 'false');

  await page.context().setOffline(false);
  for (const person of open) {
    await find(page, nameOf(person));
    await expect(muteButton(page, nameOf(person))).toHaveAttribute('aria-pressed', 'true');
  }
  expect(await page.evaluate(() => 'stillHere' in window)).toBe(true);
});

test('commands work again after an outage', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  await page.context().setOffline(true);
  await expect(page.getByText('Offline', { exact: true }).first()).toBeVisible();
  await page.context().setOffline(false);
  await find(page, nameOf(person!));
  const button = muteButton(page, nameOf(person!));
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible();
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  const sent = (await callService.requests()).filter((it) => it.path.endsWith(`/${person!.id}/mute`));
  expect(sent).toHaveLength(1);
});
