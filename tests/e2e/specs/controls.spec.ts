// Faders and handles under a real hand: mouse, wheel, keys and fingers, in a browser that scrolls,
// captures pointers and changes its page meanwhile.
import type { Locator, Page } from '@playwright/test';
import { nameOf, type CallService } from '../call-service.ts';
import { middle, PHONE, touch } from '../fingers.ts';
import { expect, test } from '../fixtures.ts';
import { drag, fader, listenTo, open, valueOf } from '../panel.ts';

/** The desk with one plain person's fader at 50, in sight. */
async function atHalf(page: Page, callService: CallService): Promise<{ slider: Locator; name: string }> {
  const name = nameOf((await callService.plainPeople())[0]!);
  await open(page, 'Desk');
  const slider = fader(page, name);
  await slider.scrollIntoViewIfNeeded();
  await slider.focus();
  await type(page, '50');
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
  return { slider, name };
}

/** Types into the focused fader as a person does: figures, then Enter. */
async function type(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Enter');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** How many percent one pixel of the fader's travel is. */
async function percentPerPixel(slider: Locator): Promise<number> {
  return slider.evaluate((rail) => {
    const cap = rail.querySelector<HTMLElement>('.fader-cap')!;
    return 100 / (rail.clientHeight - cap.offsetHeight);
  });
}

test('by mouse: a click moves nothing, a drag is relative and goes on outside the fader', async ({ page, callService }) => {
  const { slider } = await atHalf(page, callService);
  const rail = (await slider.boundingBox())!;
  const unit = await percentPerPixel(slider);
  // Far from the cap, near the upper end.
  await page.mouse.move(rail.x + 5, rail.y + 6);
  await page.mouse.down();
  await page.mouse.move(rail.x + 5, rail.y + 8);
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
  await page.mouse.move(rail.x + 300, rail.y + 6 + 43, { steps: 6 });
  expect(await valueOf(slider)).toBe(Math.round(50 - 40 * unit));
  // Shift toggled in mid-drag makes no jump, in either direction.
  const coarse = await valueOf(slider);
  await page.keyboard.down('Shift');
  await page.mouse.move(rail.x + 301, rail.y + 49);
  expect(await valueOf(slider)).toBe(coarse);
  await page.mouse.move(rail.x + 301, rail.y + 99, { steps: 6 });
  expect(Math.abs((await valueOf(slider)) - (coarse - 5 * unit))).toBeLessThanOrEqual(1);
  const fine = await valueOf(slider);
  await page.keyboard.up('Shift');
  await page.mouse.move(rail.x + 302, rail.y + 99);
  expect(await valueOf(slider)).toBe(fine);
  await page.keyboard.press('Escape');
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
  await page.mouse.up();
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
});

test('by mouse: double-click, buttons and wheel', async ({ page, callService }) => {
  const { slider, name } = await atHalf(page, callService);
  const strips = page.locator('.strips');
  const { x, y } = await middle(slider);
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, 100);
  await expect(slider).toHaveAttribute('aria-valuenow', '49');
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, -100);
  await page.keyboard.up('Shift');
  await expect(slider).toHaveAttribute('aria-valuenow', '54');
  await page.getByRole('button', { name: `Lower ${name} level for Everyone` }).click();
  await expect(slider).toHaveAttribute('aria-valuenow', '53');
  await page.getByRole('button', { name: `Raise ${name} level for Everyone` }).click();
  await expect(slider).toHaveAttribute('aria-valuenow', '54');
  await slider.dblclick();
  await expect(slider).toHaveAttribute('aria-valuenow', '100');
  // Without the focus the wheel scrolls what lies under it.
  await slider.blur();
  await page.mouse.move(x, y);
  const before = await strips.evaluate((it) => it.scrollLeft);
  await page.mouse.wheel(120, 0);
  await expect.poll(() => strips.evaluate((it) => it.scrollLeft)).toBeGreaterThan(before);
  await expect(slider).toHaveAttribute('aria-valuenow', '100');
});

test('by keyboard: figures, percent and dB, in words', async ({ page, callService }) => {
  const { slider, name } = await atHalf(page, callService);
  for (const [typed, level, words] of [
    ['25%', '25', '25 percent, minus 12.0 dB'],
    ['-6dB', '50', '50 percent, minus 6.0 dB'],
    ['100', '100', '100 percent, 0.0 dB'],
    ['0', '0', '0 percent, silent'],
  ] as const) {
    await type(page, typed);
    await expect(slider).toHaveAttribute('aria-valuenow', level);
    await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(`^${words}`));
    await expect(slider).toBeFocused();
  }
  // A figure begins the entry by itself; Escape leaves the level as it was.
  await page.keyboard.press('7');
  const box = page.getByRole('spinbutton', { name: `${name} level for Everyone, percent` });
  await expect(box).toHaveValue('7');
  await page.keyboard.press('Escape');
  await expect(slider).toBeFocused();
  await expect(slider).toHaveAttribute('aria-valuenow', '0');
});

test('log travel moves the caps and no level, and stays chosen', async ({ page, callService }) => {
  const { slider } = await atHalf(page, callService);
  await expect.poll(async () => (await callService.mixes()).length).toBeGreaterThan(0);
  const travel = page.getByRole('switch', { name: 'Log travel' });
  const place = () => slider.evaluate((rail) => Number(getComputedStyle(rail).getPropertyValue('--level')));
  expect(await place()).toBeCloseTo(0.5, 2);
  const sent = (await callService.mixes()).length;
  await travel.click();
  await expect.poll(place).toBeCloseTo(0.82, 2);
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
  expect((await callService.mixes()).length, 'nothing is sent for it').toBe(sent);
  // A drag of half the travel from the top: about -17 dB.
  await slider.focus();
  await page.keyboard.press('End');
  const unit = await percentPerPixel(slider);
  const { x, y } = await middle(slider);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + 3 + 50 / unit, { steps: 8 });
  await page.mouse.up();
  expect(Math.abs((await valueOf(slider)) - 13.5)).toBeLessThanOrEqual(1.5);
  await page.reload();
  await expect(travel).toHaveAttribute('aria-checked', 'true');
  await travel.click();
  await expect(travel).toHaveAttribute('aria-checked', 'false');
});

for (const travel of ['linear', 'log'] as const) {
  test(`the cap stands at its mark of the decibel ruler, ${travel}`, async ({ page, callService }) => {
    const { slider } = await atHalf(page, callService);
    if (travel === 'log') {
      await page.getByRole('switch', { name: 'Log travel' }).click();
      await slider.focus();
    }
    for (const [db, mark] of [['0', '0'], ['-6', '6'], ['-10', '10'], ['-20', '20'], ['-inf', '∞']] as const) {
      await type(page, `${db}dB`);
      const off = () =>
        slider.evaluate((rail, mark) => {
          const center = (it: Element) => {
            const box = it.getBoundingClientRect();
            return box.y + box.height / 2;
          };
          const marks = [...rail.parentElement!.querySelectorAll('.fader-ruler > *')];
          const found = marks.find((it) => it.textContent === mark)!;
          return Math.abs(center(found) - center(rail.querySelector('.fader-cap')!));
        }, mark);
      // A level is a whole percent: up to half a percent beside the mark.
      await expect.poll(off, `${db} dB`).toBeLessThanOrEqual(2.5);
    }
  });
}

test('a held fader is the hand’s: others’ values wait, and it stays the same element', async ({ page, newOperator, callService }) => {
  const { slider, name } = await atHalf(page, callService);
  const other = await newOperator();
  await open(other, 'Desk');
  await expect(fader(other, name)).toHaveAttribute('aria-valuenow', '50');
  const element = (await slider.elementHandle())!;
  await drag(page, slider, 0, 30);
  const held = await valueOf(slider);
  expect(held).toBeLessThan(50);
  await expect(fader(other, name)).toHaveAttribute('aria-valuenow', String(held));
  await fader(other, name).focus();
  await other.keyboard.press('End');
  await expect(slider).toHaveCSS('--ghost', '1.00');
  await expect(slider).toHaveAttribute('aria-valuenow', String(held));
  expect(await slider.evaluate((now, before) => now === before, element)).toBe(true);
  await page.mouse.move((await middle(slider)).x, (await middle(slider)).y + 45);
  await page.mouse.up();
  const left = await valueOf(slider);
  expect(left).toBeLessThan(held);
  await expect(fader(other, name)).toHaveAttribute('aria-valuenow', String(left));
  expect(await slider.evaluate((now, before) => now === before, element)).toBe(true);
});

test('by fingers: one drags, two are ten times finer, and a swipe beside the fader scrolls', async ({ newOperator, callService }) => {
  const page = await newOperator(PHONE);
  const source = nameOf((await callService.plainPeople())[0]!);
  await open(page, 'Desk');
  await listenTo(page, 'Everyone');
  const slider = fader(page, source);
  await slider.scrollIntoViewIfNeeded();
  const unit = await percentPerPixel(slider);
  const box = (await slider.boundingBox())!;
  const cdp = await page.context().newCDPSession(page);
  const x = box.x + box.width / 2;
  const y = (down: number) => ({ x, y: box.y + 20 + down });
  await touch(cdp, 'touchStart', y(0));
  for (const down of [10, 30, 43]) await touch(cdp, 'touchMove', y(down));
  const coarse = Math.round(100 - 40 * unit);
  await expect(slider).toHaveAttribute('aria-valuenow', String(coarse));
  const second = { x, y: box.y + 150 };
  await touch(cdp, 'touchStart', y(43), second);
  await touch(cdp, 'touchMove', y(44), second);
  expect(Math.abs((await valueOf(slider)) - coarse)).toBeLessThanOrEqual(1);
  for (const down of [60, 80, 94]) await touch(cdp, 'touchMove', y(down), second);
  expect(Math.abs((await valueOf(slider)) - (coarse - 5 * unit))).toBeLessThanOrEqual(1.5);
  await touch(cdp, 'touchEnd');
  const level = await valueOf(slider);

  const strips = page.locator('.strips');
  const before = await strips.evaluate((it) => it.scrollLeft);
  const strip = page.getByRole('group', { name: source, exact: true });
  const heading = await middle(strip.getByRole('heading'));
  const way = before > 100 ? 1 : -1;
  await touch(cdp, 'touchStart', heading);
  for (let step = 1; step <= 8; step += 1) {
    await touch(cdp, 'touchMove', { x: heading.x + way * step * 12, y: heading.y });
  }
  await touch(cdp, 'touchEnd');
  await expect.poll(() => strips.evaluate((it) => it.scrollLeft)).not.toBe(before);
  await expect(slider).toHaveAttribute('aria-valuenow', String(level));
});

test('a fader is the same element whatever happens around it', async ({ page, callService }) => {
  const { slider } = await atHalf(page, callService);
  const element = (await slider.elementHandle())!;
  const isSame = () => slider.evaluate((now, before) => now === before, element);
  await drag(page, slider, 0, 20);
  const held = await valueOf(slider);
  // People leave and mute themselves, the network breaks and comes back, the page gets narrow.
  const [, second, third] = await callService.plainPeople();
  await callService.leaves(second!);
  await expect(page.getByText('left the call')).toBeVisible();
  await callService.unmutesThemselves(third!);
  await page.context().setOffline(true);
  await expect(page.getByText('Connection lost').last()).toBeAttached();
  await page.context().setOffline(false);
  await expect(page.getByText('Connected', { exact: true }).first()).toBeVisible();
  await page.setViewportSize({ width: 900, height: 800 });
  await expect(slider).toHaveAttribute('aria-valuenow', String(held));
  expect(await isSame()).toBe(true);
  await page.mouse.up();
  await expect(slider).toHaveAttribute('aria-valuenow', String(held));
  expect(await isSame()).toBe(true);
});

test('by keyboard: Escape takes a mistyped level back, and a wrong one is said to be wrong', async ({ page, callService }) => {
  const { slider, name } = await atHalf(page, callService);
  const box = page.getByRole('spinbutton', { name: `${name} level for Everyone, percent` });
  await page.keyboard.press('Enter');
  await page.keyboard.type('loud');
  await expect(box).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Enter');
  await expect(box, 'what cannot be read is not lost').toHaveValue('loud');
  await page.keyboard.press('Escape');
  await expect(slider).toBeFocused();
  await expect(slider).toHaveAttribute('aria-valuenow', '50');
  await expect(page.getByText('−6.0\u202FdB').first()).toHaveAttribute('data-tip', 'if linear gain');
});

test('handles move along their axis only and say so by their cursor', async ({ page, callService }) => {
  const [listener, source] = await callService.plainPeople();
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener!));
  await page.getByRole('button', { name: `${nameOf(source!)} ducks others`, exact: true }).click();
  await open(page, 'Ducking');
  for (const [name, cursor, across, along] of [
    ['Ramp active', 'ew-resize', [0, 40], [40, 0]],
    ['Ramp inactive', 'ew-resize', [0, 40], [40, 0]],
    ['Lower level', 'ns-resize', [40, 0], [0, -30]],
    ['Upper level', 'ns-resize', [40, 0], [0, 30]],
  ] as const) {
    const handle = page.getByRole('slider', { name });
    await expect(handle).toHaveCSS('cursor', cursor);
    const before = await valueOf(handle);
    await drag(page, handle, across[0], across[1]);
    expect(await valueOf(handle), `${name} across its axis`).toBe(before);
    await page.mouse.up();
    await drag(page, handle, along[0], along[1]);
    expect(await valueOf(handle), `${name} along its axis`).not.toBe(before);
    await page.keyboard.press('Escape');
    await expect(handle).toHaveAttribute('aria-valuenow', String(before));
    await page.mouse.up();
    await expect(page.getByRole('spinbutton', { name })).toHaveValue(String(before));
  }
});
