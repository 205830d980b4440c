// Blind mode: changes wait out of everybody's hearing until they are taken, all at once.
import type { Page } from '@playwright/test';
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { drag, fader, listenTo, open, payload, valueOf } from '../panel.ts';

const blind = (page: Page) => page.getByRole('switch', { name: 'Blind mode' });
const take = (page: Page) => page.getByRole('button', { name: 'Take', exact: true });
const discard = (page: Page) => page.getByRole('button', { name: 'Discard', exact: true });
const bar = (page: Page) => page.getByRole('group', { name: 'Blind mode' });

test('by mouse: changes for everyone and for one listener wait, and one request carries both', async ({
  page,
  callService,
}) => {
  const [listener, source, other] = await callService.plainPeople();
  await open(page, 'Desk');
  await blind(page).click();
  await expect(take(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(take(page)).toHaveAccessibleDescription('nothing has changed yet');
  const slider = fader(page, nameOf(source!));
  await drag(page, slider, 0, 40);
  await page.mouse.up();
  const level = await valueOf(slider);
  expect(level).toBeLessThan(100);
  await listenTo(page, nameOf(listener!));
  await fader(page, nameOf(other!), nameOf(listener!)).press('Home');
  await expect(bar(page)).toContainText('2 changes wait, in 2 mixes');
  expect(await callService.mixes()).toEqual([]);
  const shown = await payload(page);

  await take(page).click();
  await expect(bar(page)).toContainText('what you change waits here');
  await expect.poll(async () => (await callService.mixes()).length).toBe(1);
  const [sent] = await callService.mixes();
  expect(sent).toEqual(shown);
  const of = (id: string) => sent!.participantMixerLevels.find((it) => it.participant === id)!;
  const levelOf = (listener: string, source: string) =>
    of(listener).sourceLevels.find((it) => it.participant === source)?.level;
  expect(levelOf(listener!.id, other!.id)).toBe(0);
  expect(levelOf(listener!.id, source!.id)).toBe(level);
  expect(levelOf(other!.id, source!.id)).toBe(level);
  // What was taken is what everybody has from now on.
  await page.reload();
  await expect(fader(page, nameOf(other!), nameOf(listener!))).toHaveAttribute('aria-valuenow', '0');
  await listenTo(page, 'Everyone');
  await expect(fader(page, nameOf(source!))).toHaveAttribute('aria-valuenow', String(level));
});

test('by keys: a knob turned back is no change, undo works on what waits, Ctrl+Enter takes', async ({
  page,
  callService,
}) => {
  const [source] = await callService.plainPeople();
  await open(page, 'Desk');
  await blind(page).focus();
  await page.keyboard.press('Space');
  const slider = fader(page, nameOf(source!));
  await slider.focus();
  await page.keyboard.press('PageDown');
  await expect(bar(page)).toContainText('1 change waits');
  await page.keyboard.press('PageUp');
  await expect(bar(page)).toContainText('what you change waits here');
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+z');
  await expect(slider).toHaveAttribute('aria-valuenow', '100');
  await expect(bar(page)).toContainText('what you change waits here');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('status')).toHaveText('Nothing was taken: nothing has changed yet');
  await slider.press('Home');
  expect(await callService.mixes()).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await expect.poll(async () => (await callService.mixes()).length).toBe(1);
});

test('ducking waits, too; blind mode is not left with something in hand', async ({ page, callService }) => {
  const [source] = await callService.plainPeople();
  await open(page, 'Desk');
  await blind(page).click();
  await page.getByRole('button', { name: `${nameOf(source!)} ducks others`, exact: true }).click();
  await open(page, 'Ducking');
  await expect(page.getByRole('switch', { name: 'Ducking' })).toHaveAttribute('aria-checked', 'true');
  await page.getByRole('slider', { name: 'Lower level' }).press('PageUp');
  await expect(bar(page)).toContainText('2 changes wait, in 1 mix');
  await blind(page).click();
  await expect(page.getByRole('status')).toHaveText('Take or discard what waits before you leave blind mode');
  await expect(blind(page)).toHaveAttribute('aria-checked', 'true');
  await discard(page).click();
  await expect(page.getByRole('switch', { name: 'Ducking' })).toHaveAttribute('aria-checked', 'false');
  await blind(page).click();
  await expect(bar(page)).toBeHidden();
  expect(await callService.mixes()).toEqual([]);
});

test('a hush is heard at once, whatever waits', async ({ page, callService }) => {
  const [source, other] = await callService.plainPeople();
  const [talker] = await callService.openMicrophones(1);
  await open(page, 'Desk');
  await blind(page).click();
  await fader(page, nameOf(other!)).press('Home');
  await open(page, 'Roster');
  await callService.talks(talker!, 60);
  await expect(page.getByText('Talking').first()).toBeAttached();
  await page.getByRole('button', { name: 'Hush', exact: true }).click();
  await expect.poll(async () => (await callService.mixes()).length).toBe(1);
  await page.getByRole('button', { name: 'Hush', exact: true }).click();
  await expect.poll(async () => (await callService.mixes()).length).toBe(2);
  await open(page, 'Desk');
  await expect(bar(page)).toContainText('1 change waits');
  await expect(fader(page, nameOf(source!))).toHaveAttribute('aria-valuenow', '100');
});
