// The sheet of keys: `?` opens it from everywhere, and it never stands in the way.
import { expect, test } from '../fixtures.ts';
import { open } from '../panel.ts';

test('by keys: ? opens and closes, Escape closes, and the focus goes back', async ({ page }) => {
  const sheet = page.getByRole('region', { name: 'Keys' });
  await page.keyboard.press('/');
  await page.keyboard.type('?');
  await expect(sheet).toHaveCount(0);
  await expect(page.getByRole('searchbox')).toHaveValue('?');
  await page.keyboard.press('Escape');
  const link = page.getByRole('link', { name: 'Desk' });
  await link.focus();
  await page.keyboard.press('?');
  await expect(sheet).toBeFocused();
  for (const key of ['?', '/', 'M', 'J', 'K', 'Ctrl + Z', 'Shift']) {
    await expect(sheet.getByText(key, { exact: true }).first()).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  await expect(link).toBeFocused();
  await page.keyboard.press('?');
  await page.keyboard.press('?');
  await expect(sheet).toHaveCount(0);
});

test('by mouse: its button opens and closes it, and the work beside it goes on', async ({ page }) => {
  const button = page.getByRole('button', { name: 'Keys', exact: true });
  await button.click();
  await expect(button).toHaveAttribute('aria-expanded', 'true');
  await open(page, 'Desk');
  await expect(page.getByRole('region', { name: 'Keys' })).toBeVisible();
  await page.getByRole('button', { name: 'Close keys' }).click();
  await expect(button).toHaveAttribute('aria-expanded', 'false');
});

test('by a finger: it fits a telephone and scrolls', async ({ newOperator }) => {
  const page = await newOperator({ viewport: { width: 390, height: 600 }, hasTouch: true, isMobile: true });
  await page.getByRole('button', { name: 'Keys', exact: true }).tap();
  const sheet = page.getByRole('region', { name: 'Keys' });
  const box = (await sheet.boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(390);
  expect(box.y + box.height).toBeLessThanOrEqual(600);
  await sheet.getByText('Double-click').scrollIntoViewIfNeeded();
  await expect(sheet.getByText('Double-click')).toBeInViewport();
  await page.getByRole('button', { name: 'Close keys' }).tap();
  await expect(sheet).toHaveCount(0);
});

test('K and J go from person to person as the arrows do', async ({ page }) => {
  const rows = page.getByRole('grid', { name: 'Roster' }).getByRole('row');
  await rows.first().focus();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(rows.nth(2)).toBeFocused();
  await page.keyboard.press('k');
  await expect(rows.nth(1)).toBeFocused();
});
