// Every view at the sizes of a desktop, a tablet and a phone: nothing is cut off sideways, and a
// picture of each lies in results/pictures for a person to look at.
import { expect, test } from '../fixtures.ts';
import { open, VIEWS } from '../panel.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

for (const viewport of SIZES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${viewport.width} × ${viewport.height}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });
      test('every view fits', async ({ page }) => {
        for (const view of VIEWS) {
          await open(page, view);
          const name = `${view.toLowerCase()}-${viewport.width}-${colorScheme}.png`;
          await page.screenshot({ path: `results/pictures/${name}`, animations: 'disabled' });
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(over, `${view} is wider than the window`).toBeLessThanOrEqual(0);
        }
      });
    });
  }
}
