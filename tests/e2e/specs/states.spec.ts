// Every state of the page is accessible, readable with more contrast and with forced colors, loses
// nothing at 200 % zoom and at 320 px, and can be used by a finger.
import { expect, test } from '../fixtures.ts';
import { objections, overflow, unreachable } from '../checks.ts';
import { NARROW, STATES } from '../states.ts';

// Fewer people show as many kinds of things in less time.
test.use({ rehearsal: ['--participants', '14'] });

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' } as const;

/** A zoom of 200 % halves a desktop's window; 320 px is what 400 % leave of one. */
const NARROWER = [
  ['at 200 % zoom', { width: 720, height: 450 }],
  ['320 px wide', { width: 320, height: 640 }],
] as const;

for (const { name, reach } of STATES) {
  test(`on a desktop: ${name}`, async ({ page, callService }) => {
    // A color on its way from one scheme to the other is in neither.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await callService.strangersArrive();
    await reach(page, callService);
    const soft = expect.configure({ soft: true });
    soft(await objections(page), 'dark').toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    soft(await objections(page, ['color-contrast']), 'light').toEqual([]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, contrast: 'more' });
      const found = await objections(page, ['color-contrast-enhanced']);
      soft(found, `${colorScheme}, more contrast: seven to one`).toEqual([]);
    }
    await page.emulateMedia({ contrast: null, forcedColors: 'active' });
    soft(await objections(page), 'forced colors').toEqual([]);
    await page.emulateMedia({ forcedColors: null });
    for (const [size, viewport] of NARROWER) {
      await page.setViewportSize(viewport);
      await expect(page.getByRole('complementary', { name: 'Details' })).toBeHidden();
      soft(await overflow(page), `${size} the page scrolls sideways`).toEqual([]);
      soft(await unreachable(page), size).toEqual([]);
    }
  });
}

for (const { name, reach, over } of [...STATES, ...NARROW]) {
  test(`on a telephone: ${name}`, async ({ newOperator, callService }) => {
    const page = await newOperator(PHONE);
    await reach(page, callService);
    const soft = expect.configure({ soft: true });
    soft(await objections(page)).toEqual([]);
    soft(await overflow(page), 'the page scrolls sideways').toEqual([]);
    soft(await unreachable(page, 44, over), 'a finger’s targets').toEqual([]);
  });
}
