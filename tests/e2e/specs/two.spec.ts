// Two operators on one call see each other's work, whoever came first.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, muteButton, open } from '../panel.ts';

test('a mute by one shows to the other', async ({ newOperator, callService }) => {
  const [ada, ben] = [await newOperator(), await newOperator()];
  const [person] = await callService.openMicrophones(1);
  await find(ada, nameOf(person!));
  await find(ben, nameOf(person!));
  await expect(muteButton(ada, nameOf(person!))).toHaveAttribute('aria-pressed', 'false');
  await muteButton(ada, nameOf(person!)).click();
  await expect(muteButton(ben, nameOf(person!))).toHaveAttribute('aria-pressed', 'true');
});

test('a fader moved by one moves for the other', async ({ newOperator, callService }) => {
  const [ada, ben] = [await newOperator(), await newOperator()];
  const source = (await callService.plainPeople())[0]!;
  await open(ada, 'Desk');
  await open(ben, 'Desk');
  await fader(ada, nameOf(source)).focus();
  await ada.keyboard.press('PageDown');
  await ada.keyboard.press('PageDown');
  await expect(fader(ben, nameOf(source))).toHaveAttribute('aria-valuenow', '80');
  await fader(ben, nameOf(source)).focus();
  await ben.keyboard.press('PageUp');
  await expect(fader(ada, nameOf(source))).toHaveAttribute('aria-valuenow', '90');
});

test('who comes later sees the desk as it stands', async ({ page, newOperator, callService }) => {
  const source = (await callService.plainPeople())[0]!;
  await open(page, 'Desk');
  await fader(page, nameOf(source)).focus();
  await page.keyboard.press('Home');
  await expect.poll(async () => (await callService.mixes()).length).toBeGreaterThan(0);
  const late = await newOperator();
  await open(late, 'Desk');
  await expect(fader(late, nameOf(source))).toHaveAttribute('aria-valuenow', '0');
});
