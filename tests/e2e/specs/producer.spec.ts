// The first minute of a producer, from the desk to a scene that is taken with a fade.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { drag, fader, open, payloadCode, valueOf } from '../panel.ts';

test('from the first fader to a scene taken with a fade', async ({ page, callService }) => {
  const [music, voice] = (await callService.plainPeople()).map(nameOf) as [string, string];
  const sent = async () => (await callService.mixes()).length;

  // The desk opens on everyone, everything at 100 %.
  await open(page, 'Desk');
  await expect(page.getByRole('combobox', { name: 'Listener' })).toHaveValue('Everyone');
  const slider = fader(page, music);
  await expect(slider).toHaveAttribute('aria-valuenow', '100');

  // A level: percent, decibels and the line of the request at once.
  await slider.focus();
  await page.keyboard.type('30');
  await page.keyboard.press('Enter');
  await expect(slider).toHaveAttribute('aria-valuetext', /^30 percent, minus 10\.5 dB/);
  await expect(payloadCode(page).locator('mark').first()).toContainText('"level": 30');
  await expect.poll(sent).toBeGreaterThan(0);

  // Ducking by a preset, its valley dragged, and heard before anybody in the call hears it.
  await page.getByRole('button', { name: `${voice} ducks others`, exact: true }).click();
  await open(page, 'Ducking');
  await page.getByRole('button', { name: 'Voice-over' }).click();
  const valley = page.getByRole('slider', { name: 'Lower level' });
  const before = await valueOf(valley);
  await drag(page, valley, 0, 24);
  await page.mouse.up();
  expect(await valueOf(valley)).toBeLessThan(before);
  await page.getByRole('button', { name: 'Listen' }).click();
  await expect(page.locator('.curve-now')).toBeVisible();
  await page.getByRole('button', { name: 'Listen' }).click();
  await expect(page.locator('[data-pending]')).toHaveCount(0);

  // A scene, something else, and back by A and B.
  await open(page, 'Scenes');
  const name = page.getByRole('textbox', { name: 'Scene name' });
  await name.fill('Q&A');
  await page.getByRole('button', { name: 'Save scene' }).click();
  await page.getByRole('button', { name: 'Q&A on A' }).click();
  await open(page, 'Desk');
  await slider.press('End');
  await expect(page.locator('[data-pending]')).toHaveCount(0);
  await open(page, 'Scenes');
  await name.fill('Music');
  await page.getByRole('button', { name: 'Save scene' }).click();
  await page.getByRole('button', { name: 'Music on B' }).click();
  await expect(page.getByRole('button', { name: 'B: Music' })).toHaveAttribute('aria-pressed', 'true');

  // Blind: recalled unheard, then taken over a second and a half; the operation says what became of it.
  await page.getByRole('switch', { name: 'Blind mode' }).click();
  await page.getByRole('button', { name: 'A: Q&A' }).click();
  await expect(page.getByRole('group', { name: 'Blind mode' })).toContainText('1 change waits');
  const until = await sent();
  await page.getByRole('button', { name: 'Fade: 1.5 s' }).click();
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await expect.poll(sent).toBeGreaterThan(until + 3);
  await expect(page.getByRole('button', { name: 'A: Q&A' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('[data-state="running"]')).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Operations' }).getByText('completed').first()).toBeVisible();
});
