// A finger on a telephone: the same controls, nothing that needs a mouse.
import { nameOf } from '../call-service.ts';
import { middle, PHONE, swipe, touch } from '../fingers.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, listenTo, muteButton, open, valueOf } from '../panel.ts';

test('a tap mutes', async ({ newOperator, callService }) => {
  const page = await newOperator(PHONE);
  const [person] = await callService.openMicrophones(1);
  await find(page, nameOf(person!));
  await muteButton(page, nameOf(person!)).tap();
  await expect(muteButton(page, nameOf(person!))).toHaveAttribute('aria-pressed', 'true');
  expect((await callService.participant(person!.id)).isMuted).toBe(true);
});

test('a finger moves a fader, and what it let go of is what arrives', async ({ newOperator, callService }) => {
  const page = await newOperator(PHONE);
  const [listener, source] = await callService.plainPeople();
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener!));
  const slider = fader(page, nameOf(source!), nameOf(listener!));
  await slider.scrollIntoViewIfNeeded();
  const box = (await slider.boundingBox())!;
  await swipe(page, { x: box.x + box.width / 2, y: box.y + 20 }, 0, 100);
  const level = await valueOf(slider);
  expect(level).toBeLessThan(100);
  await expect
    .poll(async () => {
      const last = (await callService.mixes()).at(-1)?.participantMixerLevels[0];
      return last?.sourceLevels.find((it) => it.participant === source!.id)?.level;
    })
    .toBe(level);
});

test('a fader: a touch is no drag, two taps put it back, buttons step and the box takes dB', async ({ newOperator, callService }) => {
  const page = await newOperator(PHONE);
  const source = nameOf((await callService.plainPeople())[0]!);
  await open(page, 'Desk');
  const slider = fader(page, source);
  await slider.scrollIntoViewIfNeeded();
  const box = page.getByRole('spinbutton', { name: `${source} level for Everyone, percent` });
  await box.tap();
  await box.fill('-6dB');
  await page.keyboard.press('Enter');
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
  await page.getByRole('button', { name: `Lower ${source} level for Everyone` }).tap();
  await page.getByRole('button', { name: `Raise ${source} level for Everyone` }).tap();
  await page.getByRole('button', { name: `Raise ${source} level for Everyone` }).tap();
  await expect(slider).toHaveAttribute('aria-valuenow', '51');
  const at = await middle(slider);
  const cdp = await page.context().newCDPSession(page);
  await touch(cdp, 'touchStart', at);
  await touch(cdp, 'touchMove', { x: at.x, y: at.y + 2 });
  await touch(cdp, 'touchEnd');
  await expect(slider).toHaveAttribute('aria-valuenow', '51');
  await slider.dblclick();
  await expect(slider).toHaveAttribute('aria-valuenow', '100');
});

test('handles and the speech by a finger: along their axis, and undone by another tap', async ({ newOperator, callService }) => {
  const page = await newOperator(PHONE);
  const [listener, ducker] = (await callService.plainPeople()).map(nameOf) as [string, string];
  await open(page, 'Desk');
  await listenTo(page, listener);
  await page.getByRole('button', { name: `${ducker} ducks others`, exact: true }).tap();
  await open(page, 'Ducking');
  for (const [name, across, along] of [
    ['Lower level', [30, 0], [0, -30]],
    ['Ramp inactive', [0, 20], [15, 0]],
    ['Speech length', [0, 10], [-20, 0]],
  ] as const) {
    const handle = page.getByRole('slider', { name });
    await handle.scrollIntoViewIfNeeded();
    const before = await valueOf(handle);
    await swipe(page, await middle(handle), across[0], across[1]);
    expect(await valueOf(handle), `${name} across its axis`).toBe(before);
    await swipe(page, await middle(handle), along[0], along[1]);
    expect(await valueOf(handle), `${name} along its axis`).not.toBe(before);
  }
  const inactive = page.getByRole('slider', { name: 'Ramp inactive' });
  await page.getByRole('button', { name: 'Undo', exact: true }).tap();
  await expect(inactive).toHaveAttribute('aria-valuenow', '900');
  await expect(page.getByRole('spinbutton', { name: 'Ramp inactive' })).toHaveValue('900');
});
