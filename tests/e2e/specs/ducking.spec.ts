// Ducking: four handles, four number boxes, one curve, one request.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { drag, listenTo, open, payload, valueOf } from '../panel.ts';

const HANDLES = [
  { name: 'Ramp active', field: 'rampActive', arrow: 10, page: 100 },
  { name: 'Ramp inactive', field: 'rampInactive', arrow: 10, page: 100 },
  { name: 'Lower level', field: 'lowerLevel', arrow: 1, page: 10 },
  { name: 'Upper level', field: 'upperLevel', arrow: 1, page: 10 },
] as const;

/** Prints the corners that `foldback-mix` computes, a `milliseconds percent` a line. */
const CURVE =
  process.env.FOLDBACK_CURVE ??
  fileURLToPath(new URL('../../../target/debug/examples/curve', import.meta.url));

/** The corners as `mix` computes them for what the boxes say, in the drawing's own units. */
async function computed(page: Page): Promise<number[][]> {
  const drawing = page.getByRole('img', { name: 'Ducking curve' });
  const box = async (name: string) => page.getByRole('spinbutton', { name }).inputValue();
  const ms = async (name: string) => (await drawing.getAttribute(`data-${name}-ms`)) ?? '';
  const settings = await Promise.all(['Ramp active', 'Ramp inactive', 'Lower level', 'Upper level'].map(box));
  const times = await Promise.all(['speech-from', 'speech-to', 'until'].map(ms));
  const [, , width, height] = ((await drawing.getAttribute('viewBox')) ?? '').split(' ').map(Number);
  const corners = execFileSync(CURVE, [...settings, ...times], { encoding: 'utf8' });
  return corners.trim().split('\n').map((line) => {
    const [at, percent] = line.split(' ').map(Number);
    return [(at! / Number(times[2])) * width!, (1 - percent! / 100) * height!];
  });
}

/** The corners as they are drawn. */
async function drawn(page: Page): Promise<number[][]> {
  const points = await page.locator('.curve-line').getAttribute('points');
  return (points ?? '').split(' ').map((pair) => pair.split(',').map(Number));
}

test.beforeEach(async ({ page, callService }) => {
  const [listener, source] = await callService.plainPeople();
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener!));
  await page.getByRole('button', { name: `${nameOf(source!)} ducks others`, exact: true }).click();
  await expect.poll(async () => (await callService.mixes()).length).toBeGreaterThan(0);
  await open(page, 'Ducking');
  await expect(page.getByRole('switch', { name: 'Ducking' })).toHaveAttribute('aria-checked', 'true');
});

test('a handle dragged: box, curve, payload and what arrives agree', async ({ page, callService }) => {
  const handle = page.getByRole('slider', { name: 'Lower level' });
  const before = await valueOf(handle);
  const undragged = await drawn(page);
  await drag(page, handle, 0, -30);
  await page.mouse.up();
  const after = await valueOf(handle);
  expect(after).toBeGreaterThan(before);
  await expect(page.getByRole('spinbutton', { name: 'Lower level' })).toHaveValue(String(after));
  expect(await drawn(page)).not.toEqual(undragged);
  await expect
    .poll(async () => (await callService.mixes()).at(-1)?.participantMixerLevels[0]?.ducking?.lowerLevel)
    .toBe(after);
  expect(await payload(page)).toEqual((await callService.mixes()).at(-1));
});

test('the drawn curve is the one that mix computes, corner by corner', async ({ page }) => {
  for (const [name, right, down] of [
    ['Ramp active', 40, 0],
    ['Lower level', 0, -60],
    ['Ramp inactive', 90, 0],
    ['Upper level', 0, 45],
  ] as const) {
    const handle = page.getByRole('slider', { name });
    const before = await valueOf(handle);
    await drag(page, handle, right, down);
    await page.mouse.up();
    expect(await valueOf(handle), name).not.toBe(before);
    const [found, expected] = [await drawn(page), await computed(page)];
    expect(found.length).toBe(expected.length);
    found.forEach((point, i) => {
      expect(point[0]).toBeCloseTo(expected[i]![0]!, 1);
      expect(point[1]).toBeCloseTo(expected[i]![1]!, 1);
    });
  }
});

test('every handle moves by keyboard and its box follows', async ({ page, callService }) => {
  for (const { name, field, arrow, page: far } of HANDLES) {
    const handle = page.getByRole('slider', { name });
    await handle.focus();
    const start = await valueOf(handle);
    await page.keyboard.press('ArrowDown');
    await expect(handle).toHaveAttribute('aria-valuenow', String(Math.max(0, start - arrow)));
    await page.keyboard.press('PageUp');
    const limit = field === 'lowerLevel' || field === 'upperLevel' ? 100 : 5_000;
    const wanted = Math.min(limit, Math.max(0, start - arrow) + far);
    await expect(handle).toHaveAttribute('aria-valuenow', String(wanted));
    await expect(page.getByRole('spinbutton', { name })).toHaveValue(String(wanted));
    await expect
      .poll(async () => (await callService.mixes()).at(-1)?.participantMixerLevels[0]?.ducking?.[field])
      .toBe(wanted);
  }
});

test('a number typed moves the handle', async ({ page, callService }) => {
  const box = page.getByRole('spinbutton', { name: 'Ramp inactive' });
  await box.fill('1230');
  await box.press('Enter');
  await expect(page.getByRole('slider', { name: 'Ramp inactive' })).toHaveAttribute('aria-valuenow', '1230');
  await expect
    .poll(async () => (await callService.mixes()).at(-1)?.participantMixerLevels[0]?.ducking?.rampInactive)
    .toBe(1230);
});

test('the speech can be tried shorter: the curve turns round, and nothing is sent', async ({ page, callService }) => {
  const before = (await callService.mixes()).length;
  const span = page.getByRole('slider', { name: 'Speech length' });
  const legend = page.locator('.curve-legend');
  await expect(legend).toHaveText('The first 280 ms of speech lie over a bed that is still falling');
  const longest = await valueOf(span);
  await drag(page, span, -60, 0);
  await page.mouse.up();
  expect(await valueOf(span)).toBeLessThan(longest);
  expect(await drawn(page)).toEqual(rounded(await computed(page)));
  await span.focus();
  await page.keyboard.press('Home');
  for (let press = 0; press < 2; press += 1) await page.keyboard.press('PageUp');
  await expect(span).toHaveAttribute('aria-valuenow', '250');
  await page.keyboard.press('PageDown');
  await expect(legend).toHaveText('A speech this short ends first: the others turn round at 63\u202F%');
  const corners = await drawn(page);
  expect(corners).toEqual(rounded(await computed(page)));
  expect(Math.max(...corners.map(([, y]) => y!)), 'the bed never reaches the lower level').toBeLessThan(0.4 * 400);
  await page.keyboard.press('End');
  await expect(span).toHaveAttribute('aria-valuenow', String(longest));
  expect((await callService.mixes()).length).toBe(before);
});

/** As the drawing writes its coordinates. */
function rounded(points: number[][]): number[][] {
  return points.map((point) => point.map((it) => Number(it.toFixed(2))));
}

for (const width of [1440, 1024]) {
  test(`no label covers the line or another label, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    for (const [upper, lower, active, inactive, length] of [
      [100, 30, 280, 900, 'End'],
      [100, 0, 0, 0, 'End'],
      [100, 100, 1000, 300, 'End'],
      [55, 50, 40, 5000, 'End'],
      [80, 10, 5000, 50, 'End'],
      [60, 20, 1250, 1250, 'End'],
      [60, 20, 1250, 1250, 'Home'],
      [100, 30, 280, 900, 'Home'],
    ] as const) {
      for (const [name, value] of [
        ['Lower level', 0],
        ['Upper level', upper],
        ['Lower level', lower],
        ['Ramp active', active],
        ['Ramp inactive', inactive],
      ] as const) {
        const box = page.getByRole('spinbutton', { name });
        await box.fill(String(value));
        await box.press('Enter');
        await expect(box).toHaveValue(String(value));
      }
      await page.getByRole('slider', { name: 'Speech length' }).press(length);
      const covered = await page.evaluate(() => {
        const line = document.querySelector<SVGPolylineElement>('.curve-line')!;
        const toPage = line.getScreenCTM()!;
        const corners = [...line.points].map((it) => it.matrixTransform(toPage));
        const labels = [...document.querySelectorAll('.curve-plot .handle-label')].map((it) => ({
          text: it.textContent,
          box: it.getBoundingClientRect(),
        }));
        const inside = (box: DOMRect, x: number, y: number) =>
          x > box.left && x < box.right && y > box.top && y < box.bottom;
        const found: string[] = [];
        labels.forEach(({ text, box }, i) => {
          for (let at = 1; at < corners.length; at += 1) {
            const [a, b] = [corners[at - 1]!, corners[at]!];
            for (let part = 0; part <= 400; part += 1) {
              const t = part / 400;
              if (inside(box, a.x + t * (b.x - a.x), a.y + t * (b.y - a.y))) {
                found.push(`${text} over the line`);
                break;
              }
            }
          }
          for (const other of labels.slice(i + 1)) {
            const apart =
              box.right <= other.box.left || other.box.right <= box.left ||
              box.bottom <= other.box.top || other.box.bottom <= box.top;
            if (!apart) found.push(`${text} over ${other.text}`);
          }
        });
        return found;
      });
      expect(covered, `${upper} ${lower} ${active} ${inactive} ${length}`).toEqual([]);
    }
  });
}

test('what may be unwanted is said in words', async ({ page }) => {
  const warnings = page.getByRole('list', { name: 'Worth knowing' });
  await expect(warnings.getByRole('listitem')).toHaveCount(0);
  await page.getByRole('slider', { name: 'Ramp active' }).press('End');
  await expect(warnings).toContainText('the first words lie under the others');
  await page.getByRole('slider', { name: 'Ramp inactive' }).press('Home');
  await expect(warnings).toContainText('the others pump in the pauses');
});

test('lower never passes upper', async ({ page }) => {
  const lower = page.getByRole('slider', { name: 'Lower level' });
  const upper = page.getByRole('slider', { name: 'Upper level' });
  await lower.focus();
  await page.keyboard.press('End');
  expect(await valueOf(lower)).toBeLessThanOrEqual(await valueOf(upper));
  await upper.focus();
  await page.keyboard.press('Home');
  expect(await valueOf(lower)).toBeLessThanOrEqual(await valueOf(upper));
});
