// Loading: nothing jumps, and a name cannot push its neighbors about.
import { expect, test } from '../fixtures.ts';
import { landmark, VIEWS } from '../panel.ts';

declare global {
  interface Window {
    shifted: number;
  }
}

for (const view of VIEWS) {
  test(`nothing jumps while ${view} loads`, async ({ page }) => {
    await page.addInitScript(() => {
      window.shifted = 0;
      new PerformanceObserver((list) => {
        for (const it of list.getEntries()) window.shifted += Number(Reflect.get(it, 'value'));
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`${new URL(page.url()).origin}/#/${view.toLowerCase()}`);
    await page.reload();
    await expect(landmark(page, view)).toBeVisible();
    // Two frames later everything that the first facts brought has been laid out.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    expect(await page.evaluate(() => window.shifted)).toBeLessThan(0.02);
  });
}

test('every row is as high as every other, whatever the names', async ({ page }) => {
  const rows = page.getByRole('grid', { name: 'Roster' }).getByRole('row').filter({ has: page.getByRole('button') });
  await expect(rows.first()).toBeVisible();
  const heights = await rows.evaluateAll((all) => all.map((it) => Math.round(it.getBoundingClientRect().height)));
  expect(heights.length).toBeGreaterThan(5);
  expect(new Set(heights).size).toBe(1);
});
