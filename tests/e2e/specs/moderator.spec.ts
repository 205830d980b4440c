// Several people at once, one voice alone, and everything by its name.
import type { Page } from '@playwright/test';
import { type CallService, nameOf } from '../call-service.ts';
import { objections } from '../checks.ts';
import { expect, test } from '../fixtures.ts';
import { fader, find, landmark, muteButton, open } from '../panel.ts';

const bar = 'Chosen people';

test('by keys: X chooses people, and only they are muted, after the moment to take it back', async ({ page, callService }) => {
  const people = await callService.openMicrophones(3);
  for (const person of people.slice(0, 2)) {
    const row = await find(page, nameOf(person));
    await row.focus();
    await page.keyboard.press('x');
    await expect(row).toHaveAttribute('aria-selected', 'true');
  }
  await page.getByRole('searchbox', { name: 'Search participants' }).fill('');
  const chosen = page.getByRole('group', { name: bar });
  await expect(chosen).toContainText('2 chosen');
  await chosen.getByRole('button', { name: 'Mute chosen' }).click();
  await expect(chosen).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
  await expect(page.getByText('2/2 confirmed').first()).toBeVisible();
  for (const [at, person] of people.entries()) {
    expect((await callService.participant(person.id)).isMuted).toBe(at < 2);
  }
});

test('by mouse: the chosen are spared when all but these are muted', async ({ page, callService }) => {
  const [spared] = await callService.openMicrophones(1);
  const row = await find(page, nameOf(spared!));
  const choose = row.getByRole('button', { name: `Choose ${nameOf(spared!)}` });
  await choose.click();
  await expect(choose).toHaveAttribute('aria-pressed', 'true');
  const open = (await callService.participants())
    .filter((it) => !it.isMuted && !it.isInLobby && !it.info.identity.application && it.id !== spared!.id);
  await page.getByRole('button', { name: 'Mute all but these' }).click();
  await expect(page.getByText(`${open.length}/${open.length} confirmed`).first()).toBeVisible();
  expect((await callService.participant(spared!.id)).isMuted).toBe(false);
});

test('by a finger: people are chosen, and Escape or a button chooses nobody', async ({ newOperator, callService }) => {
  const page = await newOperator({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const [person] = await callService.openMicrophones(1);
  const row = await find(page, nameOf(person!));
  const choose = row.getByRole('button', { name: `Choose ${nameOf(person!)}` });
  await choose.tap();
  const chosen = page.getByRole('group', { name: bar });
  await expect(chosen).toContainText('1 chosen');
  await chosen.getByRole('button', { name: 'Choose nobody' }).tap();
  await expect(chosen).toHaveCount(0);
  await choose.tap();
  await row.focus();
  await page.keyboard.press('Escape');
  await expect(chosen).toHaveCount(0);
});

test('whoever is muted already and chosen is told, not muted again', async ({ page, callService }) => {
  const muted = (await callService.participants()).find((it) => it.isMuted && !it.isInLobby)!;
  const row = await find(page, nameOf(muted));
  await row.focus();
  await page.keyboard.press('x');
  await page.getByRole('button', { name: 'Mute chosen' }).click();
  await expect(page.getByText('None of their microphones is open').first()).toBeVisible();
  expect((await callService.requests()).filter((it) => it.path.endsWith('/mute'))).toEqual([]);
});

test('while H is held only the person in focus is heard, and then all as before', async ({ page, callService }) => {
  const [kept, other] = await callService.openMicrophones(2);
  const muted = (await callService.participants()).find((it) => it.isMuted && !it.isInLobby)!;
  await (await find(page, nameOf(muted))).focus();
  await page.keyboard.press('h');
  await expect(page.getByText('Their microphone is not open: nobody could be heard').first()).toBeVisible();
  const row = await find(page, nameOf(kept!));
  await row.focus();
  await page.keyboard.down('h');
  await expect(page.getByText(`Hush: only ${nameOf(kept!)} can be heard`).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Hush', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(async () => (await callService.mixes()).length).toBe(1);
  for (const entry of (await callService.mixes())[0]!.participantMixerLevels) {
    expect(entry.exclusive).toBe(true);
    const heard = entry.sourceLevels.filter((it) => (it.level ?? 100) > 0).map((it) => it.participant);
    expect(heard).toEqual(entry.participant === kept!.id ? [] : [kept!.id]);
  }
  await page.keyboard.up('h');
  await expect.poll(async () => (await callService.mixes()).length).toBe(2);
  for (const entry of (await callService.mixes())[1]!.participantMixerLevels) {
    expect([entry.exclusive, entry.sourceLevels]).toEqual([false, []]);
  }
  await open(page, 'Desk');
  await expect(fader(page, nameOf(other!))).toHaveAttribute('aria-valuenow', '100');
});

test('the button hushes all but who talks until it is pressed again', async ({ page, callService }) => {
  const [talker] = await callService.openMicrophones(1);
  await page.getByRole('button', { name: 'Hush', exact: true }).click();
  await expect(page.getByText(/Nobody talks/).first()).toBeVisible();
  await callService.talks(talker!, 60);
  await expect(page.getByText('Talking').first()).toBeAttached();
  await page.getByRole('button', { name: 'Hush', exact: true }).click();
  await expect(page.getByText(`Hush: only ${nameOf(talker!)} can be heard`).first()).toBeVisible();
  await page.getByRole('button', { name: 'Hush', exact: true }).click();
  await expect(page.getByText(/Hush is over/).first()).toBeVisible();
  await expect.poll(async () => (await callService.mixes()).length).toBe(2);
});

/** Somebody talks, and everybody else is hushed by the button. */
async function hushAllBut(page: Page, callService: CallService): Promise<void> {
  const [talker] = await callService.openMicrophones(1);
  await callService.talks(talker!, 60);
  await expect(page.getByText('Talking').first()).toBeAttached();
  await page.getByRole('button', { name: 'Hush', exact: true }).click();
  await expect(page.getByText(`Hush: only ${nameOf(talker!)} can be heard`).first()).toBeVisible();
  await expect.poll(async () => (await callService.mixes()).length).toBe(1);
}

test('a hush of the button outlasts a look elsewhere and the key, and ends with the room', async ({ page, callService }) => {
  await hushAllBut(page, callService);
  const button = page.getByRole('button', { name: 'Hush', exact: true });
  await page.evaluate(() => window.dispatchEvent(new Event('blur')));
  await page.keyboard.press('h');
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  expect(await callService.mixes()).toHaveLength(1);
  await open(page, 'Desk');
  await expect.poll(async () => (await callService.mixes()).length).toBe(2);
  for (const entry of (await callService.mixes())[1]!.participantMixerLevels) {
    expect([entry.exclusive, entry.sourceLevels]).toEqual([false, []]);
  }
});

test('a hush is not put back into another call, and is said to last', async ({ page, callService }) => {
  await hushAllBut(page, callService);
  await page.getByRole('combobox', { name: 'Call', exact: true }).click();
  await page.getByRole('option').filter({ hasText: 'ACS' }).click();
  await expect(page.getByText(/The call you left is still hushed/).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Hush', exact: true })).toHaveAttribute('aria-pressed', 'false');
  expect(await callService.mixes()).toHaveLength(1);
});

test('while many are being muted nobody else is added to them', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  await callService.fault({ path_contains: '/mute', times: 100, fault: { latency_ms: 2_000 } });
  await page.getByRole('button', { name: 'Mute all others' }).click();
  await expect(page.getByText(/\/\d+ confirmed/).first()).toBeVisible();
  const row = await find(page, nameOf(person!));
  await row.focus();
  await page.keyboard.press('x');
  await page.getByRole('button', { name: 'Mute all but these' }).click();
  await expect(page.getByText('Already muting: wait until that is over').first()).toBeVisible();
  await expect(page.getByRole('group', { name: bar })).toContainText('1 chosen');
});

test('by keys: Ctrl+K finds people, rooms and commands by name', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  const name = nameOf(person!);
  const command = page.getByRole('combobox', { name: 'Command' });
  await page.keyboard.press('Control+k');
  await expect(command).toBeFocused();
  await page.keyboard.type(`mute ${name}`);
  expect(await objections(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(command).toHaveCount(0);
  await find(page, name);
  await expect(muteButton(page, name)).toHaveAttribute('aria-pressed', 'true');

  await page.keyboard.press('Control+k');
  await page.keyboard.type(`what ${name}`);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: 'Listener' })).toHaveValue(name);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('keys');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Keys' })).toBeFocused();
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('calls');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Calls' })).toBeVisible();
});

test('by keys: wherever the focus is, a command can lead to another room', async ({ page }) => {
  const go = async (room: 'Roster' | 'Desk' | 'Ducking') => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(room);
    await page.keyboard.press('Enter');
    await expect(landmark(page, room)).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Command' })).toHaveCount(0);
  };
  await page.getByRole('row').nth(2).focus();
  await go('Desk');
  await page.getByRole('slider').first().focus();
  await go('Roster');
  await page.getByRole('searchbox', { name: 'Search participants' }).focus();
  await go('Ducking');
  await page.getByRole('slider', { name: 'Lower level' }).first().focus();
  await go('Desk');
  await page.getByRole('slider').first().focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('3');
  await go('Ducking');
  await page.getByRole('spinbutton').first().focus();
  await page.keyboard.type('1');
  await go('Roster');
  await page.getByRole('row').nth(2).focus();
  await page.keyboard.press('ArrowRight');
  await go('Desk');
  await page.getByRole('combobox', { name: 'Listener' }).click();
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
});

test('the box of commands gives the focus back, and goes when something else has it', async ({ page }) => {
  const link = page.getByRole('link', { name: 'Desk' });
  await link.focus();
  const command = page.getByRole('combobox', { name: 'Command' });
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  await expect(command).toHaveCount(0);
  await expect(link).toBeFocused();
  const button = page.getByRole('button', { name: 'Commands' });
  await button.click();
  await expect(command).toBeFocused();
  await page.getByRole('option', { name: 'Ducking', exact: true }).click();
  await expect(page.getByRole('img', { name: 'Ducking curve' })).toBeVisible();
  await expect(command).toHaveCount(0);
});

test('a call of ACS is muted in the way of its service, and has no mixer', async ({ page }) => {
  await expect(page.getByRole('grid', { name: 'Roster' })).toHaveAttribute('aria-rowcount', /^[1-9]/);
  await page.getByRole('combobox', { name: 'Call', exact: true }).click();
  await page.getByRole('option').filter({ hasText: 'ACS' }).click();
  const open = page.getByRole('row').filter({ has: page.locator('button[aria-pressed="false"]:not([aria-disabled])', { hasText: /^Mute/ }) });
  const row = open.first();
  await expect(row).toBeVisible();
  const name = (await row.getAttribute('aria-label'))!;
  await muteButton(page, name).click();
  await expect(muteButton(page, name)).toHaveAttribute('aria-pressed', 'true');
  const payload = page.getByRole('region', { name: 'Payload' });
  await expect(payload).toContainText('participants:mute');
  await page.getByRole('link', { name: 'Desk', exact: true }).click();
  await expect(page.getByText('This call has no mixer')).toBeVisible();
  // What is set there is a draft to look at: it is shown, and cannot be sent.
  let mixes = 0;
  page.on('request', (request) => {
    if (request.url().includes('configureMixer')) mixes += 1;
  });
  await page.getByRole('slider').first().press('PageDown');
  await expect(payload).toContainText('"level": 90');
  await expect(page.getByRole('group', { name: 'Blind mode' })).toContainText('1 change waits');
  const take = page.getByRole('button', { name: 'Take', exact: true });
  await expect(take).toHaveAccessibleDescription('this call has no mixer');
  await take.press('Enter');
  await expect(page.getByText(/This call has no mixer: nothing was sent/).first()).toBeVisible();
  await page.getByRole('switch', { name: 'Blind mode' }).press('Enter');
  await expect(page.getByRole('switch', { name: 'Blind mode' })).toHaveAttribute('aria-checked', 'true');
  expect(mixes).toBe(0);
  await page.getByRole('link', { name: 'Roster', exact: true }).click();
  await page.getByRole('button', { name: 'Hush', exact: true }).click();
  await expect(page.getByText('Hush needs a mixer, which this call does not have').first()).toBeVisible();
});
