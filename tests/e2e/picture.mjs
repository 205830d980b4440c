// Takes the README's picture from a rehearsal: `node tests/e2e/picture.mjs` after `cargo xtask build`.
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM, Demo } from './demo.mjs';

const PICTURE = fileURLToPath(new URL('../../docs/pictures/desk.png', import.meta.url));

const demo = await Demo.start(['--seed', '7']);
const browser = await chromium.launch(CHROMIUM);
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await page.goto(await demo.link());
  await page.getByRole('grid', { name: 'Roster' }).waitFor();
  await page.getByRole('link', { name: 'Desk' }).click();
  const listener = page.getByRole('combobox', { name: 'Listener' });
  await listener.fill('Ana');
  await page.getByRole('option', { name: 'Ana Beatriz Gonçalves' }).click();
  const key = page.getByRole('button', { name: 'José Ángel Ibáñez Núñez ducks others' });
  await key.click();
  for (const [source, keys] of /** @type {[string, string[]][]} */ ([
    ['AV Desk <Hall 2 & 3>', ['PageDown', 'PageDown', 'PageDown', 'ArrowDown', 'ArrowDown']],
    ['+12065550142', ['PageDown', 'PageDown', 'PageDown', 'PageDown', 'PageDown', 'PageDown']],
    ['Çağlar Yıldız', ['End', 'PageDown', 'ArrowDown']],
  ])) {
    const slider = page.getByRole('slider', { name: `${source} level for Ana Beatriz Gonçalves` });
    await slider.focus();
    for (const it of keys) await page.keyboard.press(it);
  }
  await page.getByText('completed', { exact: false }).nth(3).waitFor();
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await demo.stop();
}
