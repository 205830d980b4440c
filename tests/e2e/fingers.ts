// Fingers on the glass of a telephone, as the browser gets them from the system.
import type { CDPSession, Locator, Page } from '@playwright/test';

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export type Finger = { x: number; y: number };

/** All fingers that are on the glass now. */
export async function touch(
  cdp: CDPSession,
  kind: 'touchStart' | 'touchMove' | 'touchEnd',
  ...fingers: Finger[]
): Promise<void> {
  const touchPoints = fingers.map((finger, id) => ({ ...finger, id }));
  await cdp.send('Input.dispatchTouchEvent', { type: kind, touchPoints });
}

/** Puts a finger on the page, moves it in small steps and lifts it. */
export async function swipe(page: Page, from: Finger, right: number, down: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const steps = 12;
  await touch(cdp, 'touchStart', from);
  for (let step = 1; step <= steps; step += 1) {
    const part = step / steps;
    await touch(cdp, 'touchMove', { x: from.x + right * part, y: from.y + down * part });
  }
  await touch(cdp, 'touchEnd');
}

/** The middle of what can be touched. */
export async function middle(place: Locator): Promise<Finger> {
  const box = await place.boundingBox();
  if (!box) throw new Error('it is not on the page');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
