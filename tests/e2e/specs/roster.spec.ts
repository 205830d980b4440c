// The roster: who is there, who has an open microphone, and a mute that is true only once the service
// says so.
import { nameOf } from '../call-service.ts';
import { expect, test } from '../fixtures.ts';
import { find, muteButton } from '../panel.ts';

test('everybody in the call is counted', async ({ page, callService }) => {
  const people = await callService.participants();
  const grid = page.getByRole('grid', { name: 'Roster' });
  await expect(grid).toHaveAttribute('aria-rowcount', String(people.length));
});

test('a click mutes, and the roster confirms it', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  await find(page, nameOf(person!));
  const button = muteButton(page, nameOf(person!));
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  expect((await callService.participant(person!.id)).isMuted).toBe(true);

  const sent = (await callService.requests()).filter((it) => it.path.endsWith(`/${person!.id}/mute`));
  expect(sent.map((it) => [it.method, it.status])).toEqual([['POST', 200]]);
  await expect(page.getByRole('region', { name: 'Operations' })).toContainText(nameOf(person!));
});

test('nobody but the person can undo a mute by the service, and the button says so', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  await find(page, nameOf(person!));
  const button = muteButton(page, nameOf(person!));
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(button).toHaveAccessibleDescription(/unmute/);
  const before = (await callService.requests()).length;
  await button.press('Enter');
  await expect(page.getByRole('button', { name: `Unmute ${nameOf(person!)}` })).toHaveCount(0);
  expect((await callService.requests()).slice(before).filter((it) => it.method === 'POST')).toEqual([]);
});

test('the keyboard mutes as well', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  await find(page, nameOf(person!));
  const button = muteButton(page, nameOf(person!));
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(button).toHaveAttribute('aria-pressed', 'true');
});

test('somebody who mutes themselves shows as muted without a click here', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  await find(page, nameOf(person!));
  await expect(muteButton(page, nameOf(person!))).toHaveAttribute('aria-pressed', 'false');
  await callService.mutesThemselves(person!);
  await expect(muteButton(page, nameOf(person!))).toHaveAttribute('aria-pressed', 'true');
});

test('mute all others can be taken back, and then counts whom the roster confirms', async ({ page, callService }) => {
  const everybody = await callService.participants();
  const others = everybody.filter((it) => !it.isMuted && !it.isInLobby && !it.info.identity.application);
  const mutes = async () => (await callService.requests()).filter((it) => it.path.endsWith('/mute'));
  expect(others.length).toBeGreaterThan(1);

  await page.getByRole('button', { name: 'Mute all others' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
  expect(await mutes()).toEqual([]);

  await page.getByRole('button', { name: 'Mute all others' }).click();
  await expect(page.getByText(`${others.length}/${others.length} confirmed`).first()).toBeVisible();
  expect(await mutes()).toHaveLength(others.length);
  for (const person of others) expect((await callService.participant(person.id)).isMuted).toBe(true);
});

test('a search narrows the list and clearing it brings everybody back', async ({ page, callService }) => {
  const [person] = await callService.plainPeople();
  const grid = page.getByRole('grid', { name: 'Roster' });
  const all = await grid.getAttribute('aria-rowcount');
  await find(page, nameOf(person!));
  await expect(grid).not.toHaveAttribute('aria-rowcount', all!);
  await page.getByRole('searchbox', { name: 'Search participants' }).fill('');
  await expect(grid).toHaveAttribute('aria-rowcount', all!);
});

test('each filter counts what the service counts and shows only those', async ({ page, callService }) => {
  const people = await callService.participants();
  const grid = page.getByRole('grid', { name: 'Roster' });
  const expected: [string, number][] = [
    ['Open mics', people.filter((it) => !it.isMuted && !it.isInLobby && !it.info.identity.application).length],
    ['Muted', people.filter((it) => it.isMuted && !it.isInLobby).length],
    ['Lobby', people.filter((it) => it.isInLobby).length],
    ['Phone', people.filter((it) => it.info.identity.phone).length],
  ];
  for (const [name, count] of expected) {
    const filter = page.getByRole('button', { name: new RegExp(`^${name}\\b`) });
    await expect(filter).toContainText(String(count));
    await filter.click();
    await expect(filter).toHaveAttribute('aria-pressed', 'true');
    await expect(grid).toHaveAttribute('aria-rowcount', String(count));
    await filter.click();
    await expect(filter).toHaveAttribute('aria-pressed', 'false');
  }
});

test('a mute that the service refuses is shown as failed and the button stays up', async ({ page, callService }) => {
  const [person] = await callService.openMicrophones(1);
  await find(page, nameOf(person!));
  await callService.fault({ path_contains: '/mute', fault: { status: 403 } });
  const button = muteButton(page, nameOf(person!));
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await button.click();
  await expect(page.getByRole('region', { name: 'Operations' })).toContainText(/failed/i);
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  expect((await callService.participant(person!.id)).isMuted).toBe(false);
});
