// The desk: a fader by mouse and by keyboard, and the request it shows is the request that arrives.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { drag, fader, listenTo, open, payload, payloadCode, payloadText, valueOf } from '../panel.ts';

test('a fader by mouse: what is shown is what arrives', async ({ page, callService }) => {
  const source = (await callService.plainPeople())[0]!;
  await open(page, 'Desk');
  const slider = fader(page, nameOf(source));
  await drag(page, slider, 0, 40);
  await expect(slider).not.toHaveAttribute('aria-valuenow', '100');
  await expect(payloadCode(page)).toContainText(source.id);
  await page.mouse.up();

  const level = await valueOf(slider);
  await expect
    .poll(async () => (await callService.mixRequests()).at(-1)?.text)
    .toBe(await payloadText(page));
  const last = (await callService.mixes()).at(-1)!;
  for (const mix of last.participantMixerLevels) {
    expect(mix.participant).not.toBe(source.id);
    expect(mix.sourceLevels).toContainEqual(expect.objectContaining({ participant: source.id, level }));
  }
});

test('a fader by keyboard: steps, pages, ends', async ({ page, callService }) => {
  const source = (await callService.plainPeople())[0]!;
  await open(page, 'Desk');
  const slider = fader(page, nameOf(source));
  await slider.focus();
  await expect(slider).toHaveAttribute('aria-valuenow', '100');
  for (const [key, value] of [
    ['ArrowDown', 99],
    ['PageDown', 89],
    ['ArrowUp', 90],
    ['End', 100],
    ['Home', 0],
    ['PageUp', 10],
  ] as const) {
    await page.keyboard.press(key);
    await expect(slider).toHaveAttribute('aria-valuenow', String(value));
  }
  await expect(slider).toHaveAttribute('aria-valuetext', /^10 percent, minus 20\.0 dB/);
  await expect
    .poll(async () => {
      const last = (await callService.mixes()).at(-1);
      return last?.participantMixerLevels[0]?.sourceLevels.find((it) => it.participant === source.id)?.level;
    })
    .toBe(10);
});

test('one listener’s fader changes what this listener hears and nobody else', async ({ page, callService }) => {
  const [listener, source] = await callService.plainPeople();
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener!));
  const slider = fader(page, nameOf(source!), nameOf(listener!));
  await slider.focus();
  await page.keyboard.press('PageDown');
  await expect.poll(async () => (await callService.mixes()).length).toBeGreaterThan(0);
  await expect.poll(async () => (await callService.mixes()).at(-1)).toEqual(await payload(page));
  for (const mix of await callService.mixes()) {
    expect(mix.participantMixerLevels.map((it) => it.participant)).toEqual([listener!.id]);
  }
  await listenTo(page, 'Everyone');
  await expect(fader(page, nameOf(source!))).toHaveAttribute('aria-valuenow', '100');
});

test('a key makes its source duck the others, with a preset the service accepts', async ({ page, callService }) => {
  const [listener, source] = await callService.plainPeople();
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener!));
  const key = page.getByRole('button', { name: `${nameOf(source!)} ducks others`, exact: true });
  await key.click();
  await expect(key).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(async () => (await callService.mixes()).length).toBeGreaterThan(0);
  const last = (await callService.mixes()).at(-1)!.participantMixerLevels[0]!;
  expect(last.ducking).toBeDefined();
  expect(last.sourceLevels).toContainEqual(
    expect.objectContaining({ participant: source!.id, duckOthers: true }),
  );
  await expect
    .poll(async () => (await callService.mixRequests()).map((it) => it.status).filter((it) => it !== 202))
    .toEqual([]);
});

test('exclusive is sent as such and taken back', async ({ page, callService }) => {
  const listener = (await callService.plainPeople())[0]!;
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener));
  const exclusive = page.getByRole('switch', { name: 'Exclusive' });
  for (const on of [true, false]) {
    await exclusive.click();
    await expect(exclusive).toHaveAttribute('aria-checked', String(on));
    await expect
      .poll(async () => (await callService.mixes()).at(-1)?.participantMixerLevels[0]?.exclusive ?? false)
      .toBe(on);
  }
});

test('a long drag sends few requests, one at a time, and always the last value', async ({ page, callService }) => {
  const [listener, source] = await callService.plainPeople();
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener!));
  const slider = fader(page, nameOf(source!), nameOf(listener!));
  const begun = Date.now();
  await drag(page, slider, 0, 60);
  const box = (await slider.boundingBox())!;
  for (let round = 0; round < 5; round += 1) {
    await page.mouse.move(box.x + box.width / 2, box.y + 10, { steps: 20 });
    await page.mouse.move(box.x + box.width / 2, box.y + box.height - 10, { steps: 20 });
  }
  await page.mouse.up();
  const tenths = (Date.now() - begun) / 100;
  const level = await valueOf(slider);
  await expect
    .poll(async () => {
      const last = (await callService.mixes()).at(-1)?.participantMixerLevels[0];
      return last?.sourceLevels.find((it) => it.participant === source!.id)?.level;
    })
    .toBe(level);
  // One at once, one every 100 ms while it moves, one on release.
  expect((await callService.mixes()).length).toBeLessThanOrEqual(Math.ceil(tenths) + 2);
});

test('the payload marks the line that a gesture changed, and stays the same text', async ({ page, callService }) => {
  const [listener, source] = await callService.plainPeople();
  await open(page, 'Desk');
  await listenTo(page, nameOf(listener!));
  const slider = fader(page, nameOf(source!), nameOf(listener!));
  await slider.press('PageDown');
  const marks = payloadCode(page).locator('mark');
  await expect(marks).toHaveText(['          "level": 90,\n']);
  await page.getByRole('button', { name: `${nameOf(source!)} ducks others`, exact: true }).click();
  await expect(marks).toHaveText([/rampActive.*rampInactive.*lowerLevel.*upperLevel/s, /"duckOthers": true/]);
  await expect.poll(async () => (await callService.mixRequests()).at(-1)?.text).toBe(await payloadText(page));
  await page.keyboard.press('Control+z');
  await expect(marks).toHaveText([/"duckOthers": false/]);
  // The body gets longer than its place: the line is brought into sight. Sources stand in the order
  // of their ids.
  const others = (await callService.plainPeople()).slice(2, 10).sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const person of others) await fader(page, nameOf(person), nameOf(listener!)).press('ArrowDown');
  await fader(page, nameOf(others.at(-1)!), nameOf(listener!)).press('PageDown');
  await expect(marks).toHaveText([/"level": 89/]);
  await expect(marks).toBeInViewport();
});
