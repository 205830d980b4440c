// Without any pointer: mute a person, set a fader to 37, shape a duck. Only keys, and only where the
// focus has come by keys.
import type { Locator, Page } from '@playwright/test';
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, muteButton } from '../panel.ts';

/** Presses Tab until the focus is there; a control that Tab does not reach within a page is a fault. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  const isThere = () => target.evaluate((it) => it === document.activeElement);
  for (let presses = 0; presses < 80; presses += 1) {
    if (await isThere()) return;
    await page.keyboard.press(key);
  }
  expect(await isThere(), `${key} reaches ${target}`).toBe(true);
}

test('mutes a person, sets a fader to 37 and shapes a duck', async ({ page, callService }) => {
  const [person] = (await callService.openMicrophones(1)) as [Awaited<ReturnType<typeof callService.participant>>];
  const [listener, ducker] = (await callService.plainPeople())
    .filter((it) => it.id !== person.id)
    .map(nameOf) as [string, string];
  const name = nameOf(person);

  // Mute: search, go down into the row, M.
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Search participants' })).toBeFocused();
  await page.keyboard.type(name);
  const row = page.getByRole('row', { name });
  await expect(row).toHaveCount(1);
  await tabTo(page, row);
  await page.keyboard.press('m');
  await expect(muteButton(page, name)).toHaveAttribute('aria-pressed', 'true');
  expect((await callService.participant(person.id)).isMuted).toBe(true);

  // Set a fader to 37: the desk, its listener, its search, the figures typed on the fader.
  await tabTo(page, page.getByRole('link', { name: 'Desk' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('combobox', { name: 'Listener' }));
  await page.keyboard.type(listener);
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('searchbox', { name: 'Search sources' }));
  await page.keyboard.type(name);
  const slider = fader(page, name, listener);
  await tabTo(page, slider);
  await page.keyboard.type('37');
  await page.keyboard.press('Enter');
  await expect(slider).toBeFocused();
  await expect(slider).toHaveAttribute('aria-valuenow', '37');
  const mix = async () => (await callService.mixes()).at(-1)?.participantMixerLevels[0];
  await expect
    .poll(async () => (await mix())?.sourceLevels.find((it) => it.participant === person.id)?.level)
    .toBe(37);

  // Shape a duck: a key on another source, then handles and a box.
  await tabTo(page, page.getByRole('searchbox', { name: 'Search sources' }), 'Shift+Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(ducker);
  const key = page.getByRole('button', { name: `${ducker} ducks others`, exact: true });
  await tabTo(page, key);
  await page.keyboard.press('Space');
  await expect(key).toHaveAttribute('aria-pressed', 'true');
  await tabTo(page, page.getByRole('link', { name: 'Ducking' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  const lower = page.getByRole('slider', { name: 'Lower level' });
  await tabTo(page, lower);
  await page.keyboard.press('Home');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('ArrowUp');
  await expect(lower).toHaveAttribute('aria-valuenow', '11');
  const active = page.getByRole('slider', { name: 'Ramp active' });
  await tabTo(page, active, (await comesBefore(active, lower)) ? 'Shift+Tab' : 'Tab');
  await page.keyboard.press('Home');
  await page.keyboard.press('PageUp');
  await tabTo(page, page.getByRole('spinbutton', { name: 'Ramp inactive' }));
  await page.keyboard.press('Control+A');
  await page.keyboard.type('640');
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => (await mix())?.ducking)
    .toMatchObject({ lowerLevel: 11, rampActive: 100, rampInactive: 640 });
});

/** Whether one stands before the other in the page. */
async function comesBefore(one: Locator, other: Locator): Promise<boolean> {
  const second = await other.elementHandle();
  return one.evaluate(
    (it, second) => (it.compareDocumentPosition(second!) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
    second,
  );
}

test('whatever Tab reaches shows that it has the focus and can be seen', async ({ page }) => {
  const seen: string[] = [];
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press('Tab');
    const trouble = await page.evaluate(() => {
      const it = document.activeElement;
      if (!it || it === document.body) return null;
      const name = it.getAttribute('aria-label') ?? it.textContent;
      const box = it.getBoundingClientRect();
      const shows = getComputedStyle(it).outlineStyle !== 'none' || it.querySelector(':scope *') !== null;
      const inside = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
      return shows && inside ? null : `${it.tagName} ${name}`;
    });
    if (trouble) seen.push(trouble);
  }
  expect(seen).toEqual([]);
});
