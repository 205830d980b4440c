// Every room at the sizes of a desktop, a tablet and a telephone, in light and in dark: nothing is cut
// off sideways, and a picture of each is taken. `cargo xtask pictures` runs this and puts the pictures
// where the docs show them; a test run leaves them in results/pictures.
//
// A picture is to change only when the panel does: the rehearsal stands still (seed 7, speed 0), the
// page's clock and its random numbers are fixed, and how long the service took is left out.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { type CallService, nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, landmark, listenTo, muteButton, open, VIEWS } from '../panel.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

const FOLDER = resolve(process.env.FOLDBACK_PICTURES ?? 'results/pictures');

/** In the page: every clock reads one time, and ids come in one order. */
function standStill(): void {
  const drawn = { count: 0 };
  crypto.randomUUID = () => {
    drawn.count += 1;
    return `7f0c5a1e-3b52-4d6e-9a41-${drawn.count.toString(16).padStart(12, '0')}`;
  };
  Date.prototype.getHours = () => 10;
  Date.prototype.getMinutes = () => 24;
  Date.prototype.getSeconds = () => 7;
}

/** The levels one listener gets of those who stand first on the desk. */
const LEVELS = [
  ['+12065550142', '60'],
  // As the service writes the name: an e, then its accent.
  ['Ame\u0301lie d’Aubigny', '45'],
  ['AV Desk <Hall 2 & 3>', '-12dB'],
  ['Çağlar Yıldız', '80'],
] as const;
const LISTENER = 'José Ángel Ibáñez Núñez';
const DUCKER = 'Ana Beatriz Gonçalves';
const MUTED = 'Jürgen Großmann';
const REFUSED = 'Łukasz Wiśniewski';

/** Something to see: voices, a mute that holds and one that failed, a mix of one's own, a duck. */
async function prepare(page: Page, callService: CallService): Promise<void> {
  await page.addInitScript(standStill);
  await page.reload();
  await expect(landmark(page, 'Roster')).toBeVisible();
  const people = await callService.participants();
  const person = (name: string) => people.find((it) => nameOf(it) === name)!;
  for (const name of [...LEVELS.map(([name]) => name), DUCKER, MUTED, REFUSED]) {
    if (person(name).isMuted) await callService.unmutesThemselves(person(name));
  }
  await mute(page, MUTED);
  await expect(muteButton(page, MUTED)).toHaveAttribute('aria-pressed', 'true');
  await callService.fault({ path_contains: '/mute', times: 1, fault: { status: 403 } });
  await mute(page, REFUSED);
  await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
  await page.getByRole('region', { name: 'Messages' }).getByRole('button').click();
  await open(page, 'Desk');
  await listenTo(page, LISTENER);
  for (const [i, [source, level]] of LEVELS.entries()) {
    await fader(page, source, LISTENER).focus();
    await page.keyboard.type(level);
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await callService.mixes()).length).toBe(i + 1);
  }
  await saveScene(page, 'Questions');
  await open(page, 'Desk');
  await listenTo(page, LISTENER);
  await page.getByRole('button', { name: `${DUCKER} ducks others`, exact: true }).focus();
  await page.keyboard.press('Space');
  await expect.poll(async () => (await callService.mixes()).length).toBe(LEVELS.length + 1);
  await saveScene(page, 'Voice over music');
  await page.getByRole('button', { name: 'Questions on A' }).click();
  await page.getByRole('button', { name: 'Voice over music on B' }).click();
  await open(page, 'Desk');
  await listenTo(page, LISTENER);
  await callService.talks(person(DUCKER), 82);
  for (const [i, [source]] of LEVELS.entries()) await callService.talks(person(source), 64 - 14 * i);
}

async function saveScene(page: Page, name: string): Promise<void> {
  await expect(page.locator('[data-pending]')).toHaveCount(0);
  await open(page, 'Scenes');
  await page.getByRole('textbox', { name: 'Scene name' }).fill(name);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name })).toBeVisible();
}

async function mute(page: Page, name: string): Promise<void> {
  await find(page, name);
  await expect(muteButton(page, name)).toHaveAttribute('aria-pressed', 'false');
  await muteButton(page, name).click();
}

/** The page as it is to be seen: everything sent is done, nobody's pointer or focus is on it. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    for (const it of document.querySelectorAll<HTMLElement>('.operation-latency')) it.style.visibility = 'hidden';
    await document.fonts.ready;
  });
  await page.screenshot({
    path: `${FOLDER}/${name}.webp`,
    type: 'webp',
    quality: 80,
    animations: 'disabled',
  });
}

test.beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
});

for (const viewport of SIZES) {
  test.describe(`${viewport.width} × ${viewport.height}`, () => {
    const isPhone = viewport.width < 500;
    test('every room fits, and has its picture', async ({ newOperator, callService }) => {
      const page = await newOperator({ viewport, hasTouch: isPhone, isMobile: isPhone, reducedMotion: 'reduce' });
      await prepare(page, callService);
      for (const view of [...VIEWS, 'Calls'] as const) {
        if (view === 'Calls') {
          await page.getByRole('link', { name: view, exact: true }).click();
          await expect(page.getByText(/^Running, /)).toHaveCount(2);
        } else {
          await open(page, view);
        }
        await expect(page.locator('[data-state="running"]')).toHaveCount(0);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await take(page, `${view.toLowerCase()}-${viewport.width}-${colorScheme}`);
        }
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(over, `${view} is wider than the window`).toBeLessThanOrEqual(0);
      }
    });
  });
}
