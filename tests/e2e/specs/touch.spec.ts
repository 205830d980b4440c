// A finger on a telephone: the same controls, nothing that needs a mouse.
import type { Page } from '@playwright/test';
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, listenTo, muteButton, open, valueOf } from '../panel.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Puts a finger on the page, moves it in small steps and lifts it. */
async function swipe(page: Page, x: number, from: number, to: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const steps = 12;
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y: from }] });
  for (let step = 1; step <= steps; step += 1) {
    const y = from + ((to - from) * step) / steps;
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y }] });
  }
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

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
  const middle = box.x + box.width / 2;
  await swipe(page, middle, box.y + 20, box.y + 120);
  const level = await valueOf(slider);
  expect(level).toBeLessThan(100);
  await expect
    .poll(async () => {
      const last = (await callService.mixes()).at(-1)?.participantMixerLevels[0];
      return last?.sourceLevels.find((it) => it.participant === source!.id)?.level;
    })
    .toBe(level);
});
