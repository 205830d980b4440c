// Undo and redo on the desk and in ducking: by mouse, by keys and by a finger; what is taken back is
// sent, and nobody else's work is undone.
import type { Page } from '@playwright/test';
import { nameOf, type CallService } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { drag, fader, listenTo, open, valueOf } from '../panel.ts';

const undo = (page: Page) => page.getByRole('button', { name: 'Undo', exact: true });
const redo = (page: Page) => page.getByRole('button', { name: 'Redo', exact: true });

/** The level that a source has for the first listener of the newest request; none when unlisted. */
async function sent(callService: CallService, source: string): Promise<number | undefined> {
  const mix = (await callService.mixes()).at(-1)?.participantMixerLevels[0];
  return mix?.sourceLevels.find((it) => it.participant === source)?.level;
}

test('by mouse: a drag is one step back and one step on again, and both are sent', async ({ page, callService }) => {
  const source = (await callService.plainPeople())[0]!;
  const name = nameOf(source);
  await open(page, 'Desk');
  await expect(undo(page)).toHaveAttribute('aria-disabled', 'true');
  const slider = fader(page, name);
  await drag(page, slider, 0, 40);
  await page.mouse.up();
  const left = await valueOf(slider);
  expect(left).toBeLessThan(100);
  await expect.poll(() => sent(callService, source.id)).toBe(left);
  await expect(undo(page)).toHaveAccessibleDescription(`Undo: ${name} level for Everyone (sends again)`);
  await undo(page).click();
  await expect(slider).toHaveAttribute('aria-valuenow', '100');
  await expect.poll(() => sent(callService, source.id)).toBe(undefined);
  await expect(page.getByRole('status')).toHaveText(`Undone: ${name} level for Everyone`);
  await expect(undo(page)).toHaveAttribute('aria-disabled', 'true');
  await redo(page).click();
  await expect(slider).toHaveAttribute('aria-valuenow', String(left));
  await expect.poll(() => sent(callService, source.id)).toBe(left);
});

test('by keys: presses in a row are one step, and a new change forgets what was undone', async ({ page, callService }) => {
  const [first, second] = (await callService.plainPeople()).map(nameOf) as [string, string];
  await open(page, 'Desk');
  await fader(page, first).focus();
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('PageDown');
  await page.keyboard.press('Control+z');
  await expect(fader(page, first)).toHaveAttribute('aria-valuenow', '100');
  await page.keyboard.press('Control+Shift+z');
  await expect(fader(page, first)).toHaveAttribute('aria-valuenow', '60');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+y');
  await expect(fader(page, first)).toHaveAttribute('aria-valuenow', '60');
  await page.keyboard.press('Control+z');
  await fader(page, second).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await expect(redo(page)).toHaveAttribute('aria-disabled', 'true');
  // In a field the keys mean the text.
  await page.getByRole('searchbox', { name: 'Search sources' }).fill(second);
  await page.keyboard.press('Control+z');
  await expect(fader(page, second)).toHaveAttribute('aria-valuenow', '0');
});

test('by a finger: a key and a switch are steps of their own', async ({ newOperator, callService }) => {
  const page = await newOperator({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const ducker = nameOf((await callService.plainPeople())[0]!);
  await open(page, 'Desk');
  const exclusive = page.getByRole('switch', { name: 'Exclusive' });
  await exclusive.tap();
  await expect(exclusive).toHaveAttribute('aria-checked', 'true');
  const key = page.getByRole('button', { name: `${ducker} ducks others`, exact: true });
  await key.tap();
  await expect(key).toHaveAttribute('aria-pressed', 'true');
  await undo(page).tap();
  await expect(key).toHaveAttribute('aria-pressed', 'false');
  await expect(exclusive).toHaveAttribute('aria-checked', 'true');
  await undo(page).tap();
  await expect(exclusive).toHaveAttribute('aria-checked', 'false');
  await expect(undo(page)).toHaveAttribute('aria-disabled', 'true');
  await expect
    .poll(async () => (await callService.mixes()).at(-1)?.participantMixerLevels.every((it) => !it.exclusive))
    .toBe(true);
});

test('a handle of the curve is taken back, with its box and its payload', async ({ page, callService }) => {
  const [listener, ducker] = (await callService.plainPeople()).map(nameOf) as [string, string];
  await open(page, 'Desk');
  await listenTo(page, listener);
  await page.getByRole('button', { name: `${ducker} ducks others`, exact: true }).click();
  await open(page, 'Ducking');
  const handle = page.getByRole('slider', { name: 'Lower level' });
  await drag(page, handle, 0, -40);
  await page.mouse.up();
  expect(await valueOf(handle)).toBeGreaterThan(30);
  await page.keyboard.press('Control+z');
  await expect(handle).toHaveAttribute('aria-valuenow', '30');
  await expect(page.getByRole('spinbutton', { name: 'Lower level' })).toHaveValue('30');
  const lower = async () => (await callService.mixes()).at(-1)?.participantMixerLevels[0]?.ducking?.lowerLevel;
  await expect.poll(lower).toBe(30);
  // The step before it is the key that brought ducking with it.
  await undo(page).click();
  await expect(page.getByRole('switch', { name: 'Ducking' })).toHaveAttribute('aria-checked', 'false');
  await expect.poll(lower).toBe(undefined);
});

test('what waits for ducking to be turned on is taken back too, and nothing is sent for it', async ({ page, callService }) => {
  await open(page, 'Ducking');
  const handle = page.getByRole('slider', { name: 'Ramp inactive' });
  await handle.focus();
  await page.keyboard.press('PageUp');
  await expect(handle).toHaveAttribute('aria-valuenow', '1000');
  await open(page, 'Desk');
  await open(page, 'Ducking');
  await expect(handle).toHaveAttribute('aria-valuenow', '1000');
  await expect(undo(page)).toHaveAccessibleDescription('Undo: Ducking for Everyone');
  await undo(page).click();
  await expect(handle).toHaveAttribute('aria-valuenow', '900');
  expect(await callService.mixes()).toEqual([]);
});

test('what somebody else has changed since stays as it is', async ({ newOperator, callService }) => {
  const [ada, ben] = [await newOperator(), await newOperator()];
  const name = nameOf((await callService.plainPeople())[0]!);
  await open(ada, 'Desk');
  await open(ben, 'Desk');
  await fader(ada, name).focus();
  await ada.keyboard.press('PageDown');
  await expect(fader(ben, name)).toHaveAttribute('aria-valuenow', '90');
  await fader(ben, name).focus();
  await ben.keyboard.press('Home');
  await expect(fader(ada, name)).toHaveAttribute('aria-valuenow', '0');
  await undo(ada).click();
  await expect(ada.getByRole('status')).toHaveText(/it has changed since/);
  await expect(fader(ada, name)).toHaveAttribute('aria-valuenow', '0');
});
