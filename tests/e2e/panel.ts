// The panel as a person finds it: by role and accessible name, never by class or structure.
import { expect, type Locator, type Page } from '@playwright/test';
import type { MixerBody } from './call-service.ts';

export const VIEWS = ['Roster', 'Desk', 'Ducking', 'Scenes', 'Log'] as const;
export type View = (typeof VIEWS)[number];

/** The module of what the first screen does not need. */
export const PIECES = /\/pieces-[0-9a-f]{16}\.wasm$/;

/** Goes to a view by the left rail. */
export async function open(page: Page, view: View): Promise<void> {
  await page.getByRole('link', { name: view, exact: true }).click();
  await expect(landmark(page, view)).toBeVisible();
}

/** What a view cannot be without. */
export function landmark(page: Page, view: View): Locator {
  switch (view) {
    case 'Roster':
      return page.getByRole('grid', { name: 'Roster' });
    case 'Desk':
      return page.getByRole('combobox', { name: 'Listener' });
    case 'Ducking':
      return page.getByRole('img', { name: 'Ducking curve' });
    case 'Scenes':
      return page.getByRole('textbox', { name: 'Scene name' });
    case 'Log':
      return page.getByRole('searchbox', { name: 'Search the log' });
  }
}

/** Searches the roster and returns the person's row. */
export async function find(page: Page, name: string): Promise<Locator> {
  await page.getByRole('searchbox', { name: 'Search participants' }).fill(name);
  const row = page.getByRole('row', { name });
  await expect(row).toHaveCount(1);
  return row;
}

export function muteButton(page: Page, name: string): Locator {
  return page.getByRole('button', { name: `Mute ${name}`, exact: true });
}

export function fader(page: Page, source: string, listener = 'Everyone'): Locator {
  return page.getByRole('slider', { name: `${source} level for ${listener}`, exact: true });
}

/** Chooses whom the desk is for. */
export async function listenTo(page: Page, listener: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Listener' }).fill(listener);
  await page.getByRole('option', { name: listener, exact: true }).first().click();
}

/** A slider's value. */
export async function valueOf(slider: Locator): Promise<number> {
  return Number(await slider.getAttribute('aria-valuenow'));
}

/** Takes a slider where it stands and pulls it by so many pixels, in small steps as a hand does. */
export async function drag(page: Page, slider: Locator, right: number, down: number): Promise<void> {
  await slider.scrollIntoViewIfNeeded();
  const [x, y] = await grip(slider);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + right, y + down, { steps: 12 });
}

/** The middle of what can be taken hold of. */
async function grip(slider: Locator): Promise<[number, number]> {
  const box = await slider.boundingBox();
  if (!box) throw new Error('the slider is not on the page');
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** The request that the payload region shows, byte for byte. */
export async function payloadText(page: Page): Promise<string> {
  return (await payloadCode(page).textContent()) ?? '';
}

/** The same, read. */
export async function payload(page: Page): Promise<MixerBody> {
  return JSON.parse(await payloadText(page)) as MixerBody;
}

export function payloadCode(page: Page): Locator {
  return page.getByRole('region', { name: 'Payload' }).locator('code');
}
