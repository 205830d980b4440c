// What the system asks for is heeded: forced colors, less motion, more contrast.
import type { Locator } from '@playwright/test';
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, muteButton, open } from '../panel.ts';

/** A computed property, of the element or of what stands before or after its content. */
function css(locator: Locator, property: string, pseudo?: string): Promise<string> {
  return locator.evaluate(
    (it, [property, pseudo]) => getComputedStyle(it, pseudo).getPropertyValue(property!),
    [property, pseudo] as const,
  );
}

test.describe('forced colors', () => {
  test.beforeEach(async ({ page }) => {
    await page.emulateMedia({ forcedColors: 'active' });
  });

  test('what is pressed, chosen or current differs from what is not', async ({ page }) => {
    const [on, off] = ['Open mics', 'Muted'].map((name) => page.getByRole('button', { name: new RegExp(`^${name}`) }));
    await on!.click();
    await expect(on!).toHaveAttribute('aria-pressed', 'true');
    expect(await css(on!, 'background-color')).not.toBe(await css(off!, 'background-color'));
    const mark = await css(page.getByRole('link', { name: 'Roster' }), 'background-color', '::before');
    expect(mark).not.toBe(await css(page.getByRole('navigation'), 'background-color'));
    await open(page, 'Desk');
    const exclusive = page.getByRole('switch', { name: 'Exclusive' });
    const track = exclusive.locator('.switch-track');
    const before = await css(track, 'background-color');
    await exclusive.click();
    await expect(exclusive).toHaveAttribute('aria-checked', 'true');
    expect(await css(track, 'background-color')).not.toBe(before);
  });

  test('caps, handles, the curve and how loud somebody talks stand out from the page', async ({ page, callService }) => {
    const [person] = await callService.openMicrophones(1);
    await callService.talks(person!, 60);
    const level = page.getByRole('row', { name: nameOf(person!) }).locator('.level');
    await expect(level).toHaveAttribute('data-talking', '');
    const canvas = await css(page.locator('body'), 'background-color');
    expect(await css(level, 'background-color', '::before')).not.toBe(canvas);
    await open(page, 'Desk');
    const strip = fader(page, nameOf(person!));
    expect(await css(strip.locator('.fader-cap'), 'border-top-color')).not.toBe(canvas);
    expect(await css(strip.locator('.fader-slot'), 'background-color')).not.toBe(canvas);
    await open(page, 'Ducking');
    expect(await css(page.locator('.curve-line'), 'stroke')).not.toBe(canvas);
    for (const dot of await page.locator('.handle-dot').all()) {
      expect(await css(dot, 'border-top-color')).not.toBe(canvas);
    }
  });
});

test('less motion: nothing turns, breathes or glides', async ({ page, callService }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const [person] = await callService.openMicrophones(1);
  await callService.fault({ path_contains: '/mute', times: 1, fault: 'hang' });
  await page.getByRole('searchbox', { name: 'Search participants' }).fill(nameOf(person!));
  await muteButton(page, nameOf(person!)).click();
  await expect(page.getByRole('row', { name: nameOf(person!) })).toHaveAttribute('data-mic', 'pending');
  await callService.talks(person!, 70);
  await open(page, 'Desk');
  await page.getByRole('switch', { name: 'Exclusive' }).click();
  const moving = await page.evaluate(() => document.getAnimations().map((it) => String(it)));
  expect(moving).toEqual([]);
});

test('with motion it is short, and never without a cause', async ({ page }) => {
  await open(page, 'Desk');
  await page.getByRole('switch', { name: 'Exclusive' }).hover();
  const longest = await page.evaluate(() => {
    const times = [...document.querySelectorAll('*')].flatMap((it) => getComputedStyle(it).transitionDuration.split(','));
    return Math.max(...times.map((it) => Number.parseFloat(it) * (it.trim().endsWith('ms') ? 1 : 1000)));
  });
  expect(longest).toBeLessThanOrEqual(120);
});

test('more contrast: lines and quiet words come forward', async ({ page }) => {
  const token = (name: string) => css(page.locator('html'), name);
  const before = await token('--line');
  await page.emulateMedia({ contrast: 'more' });
  expect(await token('--line')).not.toBe(before);
});
