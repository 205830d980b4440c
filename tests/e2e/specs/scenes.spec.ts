// Scenes: saved, recalled, faded, flipped, shared, deleted.
import type { Page } from '@playwright/test';
import { nameOf, type CallService, type Person } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { fader, open } from '../panel.ts';

const card = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
const recall = (page: Page, name: string) => page.getByRole('button', { name: `Recall ${name}`, exact: true });

async function save(page: Page, name: string): Promise<void> {
  await open(page, 'Scenes');
  await page.getByRole('textbox', { name: 'Scene name' }).fill(name);
  await page.keyboard.press('Enter');
  await expect(card(page, name)).toContainText('Heard now');
}

/** Sets a level for everyone and waits until the service has it. */
async function setLevel(page: Page, callService: CallService, source: string, key: string, n: number): Promise<void> {
  await open(page, 'Desk');
  await fader(page, source).press(key);
  await expect.poll(async () => (await callService.mixes()).length).toBe(n);
  await expect(page.locator('.strip').filter({ has: fader(page, source) }).locator('[data-pending]')).toHaveCount(0);
}

/** The level that a source has for a listener of the newest request; none when unlisted. */
async function sent(callService: CallService, listener: string, source: string): Promise<number | undefined> {
  const mix = (await callService.mixes()).at(-1)?.participantMixerLevels.find((it) => it.participant === listener);
  return mix?.sourceLevels.find((it) => it.participant === source)?.level;
}

test('by mouse: a scene is saved, the desk goes on, one press brings it back and one undo takes that back', async ({
  page,
  callService,
}) => {
  const [source, other, listener] = (await callService.plainPeople()) as [Person, Person, Person];
  const ear = listener.id;
  await setLevel(page, callService, nameOf(source), 'Home', 1);
  await save(page, 'Q&A');
  await expect(card(page, 'Q&A')).toContainText('Everyone: 1 level');
  await setLevel(page, callService, nameOf(source), 'End', 2);
  await setLevel(page, callService, nameOf(other), 'Home', 3);
  await open(page, 'Scenes');
  await expect(card(page, 'Q&A')).toContainText('2 changes from now');
  await recall(page, 'Q&A').click();
  await expect(card(page, 'Q&A')).toContainText('Heard now');
  await expect.poll(async () => (await callService.mixes()).length).toBe(4);
  expect(await sent(callService, ear, source.id)).toBe(0);
  expect(await sent(callService, ear, other.id)).toBe(undefined);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('Undone: scene Q&A');
  await expect.poll(async () => (await callService.mixes()).length).toBe(5);
  expect(await sent(callService, ear, other.id)).toBe(0);
  await expect(card(page, 'Q&A')).toContainText('2 changes from now');
});

test('levels fade in steps, and a fader in hand is its operator’s', async ({ page, callService }) => {
  const [source, other] = await callService.plainPeople();
  await save(page, 'Plain');
  await setLevel(page, callService, nameOf(source!), 'Home', 1);
  await setLevel(page, callService, nameOf(other!), 'Home', 2);
  await open(page, 'Scenes');
  await page.getByRole('button', { name: 'Fade: 1.5 s' }).click();
  await recall(page, 'Plain').click();
  await open(page, 'Desk');
  await fader(page, nameOf(other!)).press('Home');
  await expect(fader(page, nameOf(source!))).toHaveAttribute('aria-valuenow', '100');
  await expect(fader(page, nameOf(other!))).toHaveAttribute('aria-valuenow', '0');
  await expect.poll(async () => sent(callService, (await callService.plainPeople())[2]!.id, source!.id)).toBe(undefined);
  const listener = (await callService.plainPeople())[2]!.id;
  const levels = (await callService.mixes())
    .flatMap((it) => it.participantMixerLevels.filter((mix) => mix.participant === listener))
    .map((mix) => mix.sourceLevels.find((it) => it.participant === source!.id)?.level ?? 100);
  const rising = levels.slice(levels.indexOf(0));
  expect(rising).toEqual([...rising].sort((a, b) => a - b));
  expect(new Set(rising).size).toBeGreaterThan(4);
});

test('by keys: A and B are two scenes at hand', async ({ page, callService }) => {
  const [source] = await callService.plainPeople();
  await save(page, 'Plain');
  await setLevel(page, callService, nameOf(source!), 'Home', 1);
  await save(page, 'Silent');
  await page.getByRole('button', { name: 'Plain on A' }).press('Space');
  await page.getByRole('button', { name: 'Silent on B' }).press('Space');
  const [a, b] = ['A: Plain', 'B: Silent'].map((name) => page.getByRole('button', { name, exact: true }));
  await expect(b!).toHaveAttribute('aria-pressed', 'true');
  await a!.press('Enter');
  await expect(a!).toHaveAttribute('aria-pressed', 'true');
  await expect(b!).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(async () => (await callService.mixes()).length).toBe(2);
  await b!.press('Enter');
  await expect(b!).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(async () => (await callService.mixes()).length).toBe(3);
});

test('blind, a scene is recalled into the draft, and Take sends it', async ({ page, callService }) => {
  const [source] = await callService.plainPeople();
  await save(page, 'Plain');
  await setLevel(page, callService, nameOf(source!), 'Home', 1);
  await open(page, 'Scenes');
  await page.getByRole('switch', { name: 'Blind mode' }).click();
  await recall(page, 'Plain').click();
  const bar = page.getByRole('group', { name: 'Blind mode' });
  await expect(bar).toContainText('1 change waits');
  // Taken back, it is no change at all.
  await page.keyboard.press('Control+z');
  await expect(bar).toContainText('what you change waits here');
  await page.keyboard.press('Control+Shift+z');
  await expect(bar).toContainText('1 change waits');
  expect((await callService.mixes()).length).toBe(1);
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await expect.poll(async () => (await callService.mixes()).length).toBe(2);
});

test('without connection a recall is kept, and sent when its operator says so', async ({ page, callService }) => {
  const [source] = await callService.plainPeople();
  await save(page, 'Plain');
  await setLevel(page, callService, nameOf(source!), 'Home', 1);
  await open(page, 'Scenes');
  await page.context().setOffline(true);
  await expect(page.getByText('Connection lost').last()).toBeVisible();
  await recall(page, 'Plain').click();
  const kept = page.getByRole('group', { name: 'Changes not sent' });
  await expect(kept).toContainText('One change may not have been sent');
  await page.context().setOffline(false);
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  expect((await callService.mixes()).length).toBe(1);
  await kept.getByRole('button', { name: 'Send now' }).click();
  await expect.poll(async () => (await callService.mixes()).length).toBe(2);
  await expect(card(page, 'Plain')).toContainText('Heard now');
});

test('another operator sees it, saves over it, and whoever saw the old one is told', async ({ page, newOperator }) => {
  const other = await newOperator();
  await save(page, 'Q&A');
  await open(other, 'Scenes');
  await expect(card(other, 'Q&A')).toContainText('Saved by Operator 1');
  await other.getByRole('button', { name: 'Save over Q&A' }).click();
  await expect(card(page, 'Q&A')).toContainText('Saved by Operator 2');
  await page.route('**/scenes/**', async (route) => {
    const headers = { ...route.request().headers(), 'if-match': '"1"' };
    await route.continue({ headers });
  });
  await page.getByRole('button', { name: 'Save over Q&A' }).click();
  await expect(page.getByText(/The scene was not changed: the scene is at revision/).first()).toBeVisible();
});

test('a scene is deleted after two seconds, unless it is taken back', async ({ page }) => {
  await save(page, 'Q&A');
  const remove = page.getByRole('button', { name: 'Delete Q&A' });
  await remove.click();
  const bar = page.getByRole('group', { name: 'Deleting a scene' });
  await expect(bar).toContainText(/Deleting Q&A for everybody in [12] s/);
  await bar.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(bar).toBeHidden();
  await expect(card(page, 'Q&A')).toBeVisible();
  await remove.click();
  await expect(card(page, 'Q&A')).toBeHidden();
  await expect(page.getByText('No scenes yet')).toBeVisible();
});

test('a scene needs a name', async ({ page }) => {
  await open(page, 'Scenes');
  const button = page.getByRole('button', { name: 'Save scene' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await button.press('Enter');
  await expect(page.getByRole('status')).toHaveText('A scene needs a name');
});
