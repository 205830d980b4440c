// What went wrong is seen and heard; what a control does or cannot do is explained by the page's tooltip.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, muteButton, open, VIEWS } from '../panel.ts';

test('a refused mix is told, stays until it is closed, and gives the focus back', async ({ page, callService }) => {
  const [source] = (await callService.plainPeople()).map(nameOf);
  await callService.fault({ path_contains: 'configureMixer', times: 1, fault: { status: 404 } });
  await open(page, 'Desk');
  await fader(page, source!).press('PageDown');
  const messages = page.getByRole('region', { name: 'Messages' });
  await expect(messages).toContainText('The mix was not changed');
  await expect(page.getByRole('status')).toContainText('The mix was not changed');
  await expect(fader(page, source!)).toHaveAttribute('aria-valuenow', '100');
  await expect(fader(page, source!)).toBeFocused();
  await messages.getByRole('button').focus();
  await page.keyboard.press('Escape');
  await expect(messages).toHaveCount(0);
  await expect(fader(page, source!)).toBeFocused();
});

test('a refused mute names who was not muted; one that worked says nothing more', async ({ page, callService }) => {
  const [refused, muted] = (await callService.openMicrophones(2)).map(nameOf);
  const messages = page.getByRole('region', { name: 'Messages' });
  await find(page, muted!);
  await muteButton(page, muted!).click();
  await expect(muteButton(page, muted!)).toHaveAttribute('aria-pressed', 'true');
  await expect(messages).toHaveCount(0);
  await callService.fault({ path_contains: '/mute', times: 1, fault: { status: 403 } });
  await find(page, refused!);
  await muteButton(page, refused!).click();
  await expect(messages).toContainText(refused!);
});

test('the reason why a button does nothing is shown to keys and to a pointer, beside it', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  const name = nameOf(person!);
  await find(page, name);
  const button = muteButton(page, name);
  await button.click();
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  const tip = page.getByRole('tooltip');
  await page.mouse.move(0, 0);
  await expect(tip).toBeHidden();
  await button.hover();
  await expect(tip).toContainText('unmute');
  const [over, under] = [(await tip.boundingBox())!, (await button.boundingBox())!];
  const beside = over.y >= under.y + under.height || over.y + over.height <= under.y;
  expect(beside, 'it covers nothing of its control').toBe(true);
  await page.keyboard.press('Escape');
  await expect(tip).toBeHidden();
  await page.mouse.move(0, 0);
  await page.getByRole('row', { name }).focus();
  // Past choosing and "This is me".
  for (let at = 0; at < 3; at += 1) await page.keyboard.press('ArrowRight');
  await expect(button).toBeFocused();
  await expect(tip).toContainText('unmute');
  await expect(button).toHaveAccessibleDescription(/unmute/);
});

test('no explanation is left to the browser', async ({ page }) => {
  for (const view of VIEWS) {
    await open(page, view);
    await expect(page.locator('[title]'), view).toHaveCount(0);
  }
});

test('a service that keeps failing is left alone, and every operator sees that', async ({ page, newOperator, callService }) => {
  const other = await newOperator();
  const people = await callService.openMicrophones(2);
  await callService.fault({ path_contains: '/mute', times: 100, fault: { status: 500 } });
  const name = nameOf(people[0]!);
  await find(page, name);
  // Five in a row; a reading of the roster in between, which goes well, makes it begin anew.
  await expect(async () => {
    await muteButton(page, name).click();
    await expect(page.getByText('The call service keeps failing.')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  for (const it of [page, other]) await expect(it.getByText('The call service keeps failing.')).toBeVisible();
  await other.reload();
  await expect(other.getByText('The call service keeps failing.')).toBeVisible();
});
