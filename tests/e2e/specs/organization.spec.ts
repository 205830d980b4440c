// Signing in with an organization's account at a real OpenID provider, and what each role may do.
import { test as base, expect, type Page } from '@playwright/test';
import { Organization } from '../organization.mjs';
import { open } from '../panel.ts';

const test = base.extend<{ organization: Organization }>({
  organization: async ({}, use) => {
    const organization = await Organization.start();
    await use(organization);
    await organization.stop();
  },
});

/** Types an account's name at the provider's own page and agrees. */
async function atTheProvider(page: Page, account: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(account);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

async function signIn(page: Page, organization: Organization, account: string, hash = ''): Promise<void> {
  await page.goto(`${organization.address}/${hash}`);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await atTheProvider(page, account);
}

/** Joins the rehearsal as somebody who may. */
async function join(page: Page, organization: Organization): Promise<void> {
  const answer = await page.request.post(`${organization.address}/foldback/v1/calls`, {
    data: { graph: {} },
    headers: { origin: organization.address, 'sec-fetch-site': 'same-origin' },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  await page.reload();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
}

/** One level in blind mode, that nobody hears yet. */
async function prepare(page: Page): Promise<void> {
  await page.getByRole('switch', { name: 'Blind mode' }).click();
  await page.getByRole('slider').first().press('Home');
  await expect(page.getByText('1 change waits')).toBeVisible();
}

/** Signs Ada in in the window beside, where the provider may ask or still know her, and closes it. */
async function finishBeside(beside: Page): Promise<void> {
  const login = beside.getByPlaceholder('Enter any login');
  const done = beside.getByText('You are signed in');
  await expect(login.or(done)).toBeVisible();
  if (await login.isVisible()) await atTheProvider(beside, 'ada');
  await expect(done).toBeVisible();
  await beside.close();
}

test('a producer signs in, comes back to where they were going, and mixes', async ({ page, organization }) => {
  await signIn(page, organization, 'ada', '#/desk');
  await expect(page).toHaveURL(/#\/desk/);
  await join(page, organization);
  await open(page, 'Desk');
  const slider = page.getByRole('slider').first();
  await slider.press('PageDown');
  await expect(slider).toHaveAttribute('aria-valuenow', '90');
  await expect(page.getByRole('region', { name: 'Operations' }).getByText('completed').first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Operations' })).toContainText('Ada King');
  // The page has no token and no cookie it could read.
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toMatch(/eyJ/);
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(page.getByText('Signed in as Ada King, producer')).toBeVisible();
});

test('a viewer and a moderator see all and are told what their role does not allow', async ({
  browser,
  page,
  organization,
}) => {
  await signIn(page, organization, 'ada');
  await join(page, organization);
  await open(page, 'Desk');
  await page.getByRole('slider').first().press('PageDown');

  const viewer = await (await browser.newContext()).newPage();
  await signIn(viewer, organization, 'vi');
  const mute = viewer.getByRole('button', { name: /^Mute (?!all)/ }).first();
  await expect(mute).toHaveAttribute('aria-disabled', 'true');
  await expect(viewer.getByRole('button', { name: 'Mute all others' })).toHaveAccessibleDescription(
    'your role does not allow it; it needs a moderator',
  );
  await open(viewer, 'Desk');
  await expect(viewer.getByText('You can look at mixes here, not set them')).toBeVisible();
  const slider = viewer.getByRole('slider').first();
  await expect(slider).toHaveAttribute('aria-valuenow', '90');
  await slider.focus();
  await viewer.keyboard.press('PageDown');
  await viewer.keyboard.type('5');
  await expect(slider).toHaveAttribute('aria-valuenow', '90');
  await slider.dblclick({ force: true });
  await expect(slider).toHaveAttribute('aria-valuenow', '90');
  await open(viewer, 'Ducking');
  await viewer.getByRole('slider', { name: 'Lower level' }).press('Home');
  await expect(viewer.getByRole('slider', { name: 'Lower level' })).toHaveAttribute('aria-valuenow', '30');
  // Listening is for everybody: nothing of it reaches the call.
  await viewer.getByRole('button', { name: 'Listen' }).press('Enter');
  await expect(viewer.getByRole('button', { name: 'Listen' })).toHaveAttribute('aria-pressed', 'true');
  await open(viewer, 'Scenes');
  await viewer.getByRole('button', { name: 'Save scene' }).press('Enter');
  await expect(viewer.getByText('No scenes yet')).toBeVisible();
  await viewer.getByRole('link', { name: 'Log', exact: true }).click();
  await expect(viewer.getByText('The log is not yours to read')).toBeVisible();
  await viewer.context().close();

  const moderator = await (await browser.newContext()).newPage();
  await signIn(moderator, organization, 'mo');
  await moderator.getByRole('button', { name: 'Open mics' }).click();
  const open_ = moderator.getByRole('button', { name: /^Mute (?!all)/ }).first();
  await open_.click();
  await expect(moderator.getByText('muted by you').or(moderator.getByText('Muted', { exact: true })).first()).toBeVisible();
  await open(moderator, 'Desk');
  await expect(moderator.getByText('it needs a producer')).toBeVisible();
  await moderator.context().close();
});

test('who has no role is told so and gets no session', async ({ page, organization }) => {
  await signIn(page, organization, 'no');
  await expect(page.getByText(/role/i).first()).toBeVisible();
  expect((await page.request.get(`${organization.address}/foldback/v1/session`)).status()).toBe(401);
});

/** What a window says when it is looked at again; the window itself may say it at any time, or not at all. */
const LOOKED_AT = ['focus', 'visibilitychange'];

/** From here on only the test says that a page is looked at. */
async function lookAtNothing(page: Page): Promise<void> {
  await page.addInitScript((names) => {
    for (const name of names) {
      window.addEventListener(name, (event) => event.isTrusted && event.stopImmediatePropagation(), true);
    }
  }, LOOKED_AT);
}

const WAYS_BACK: [string, (page: Page) => Promise<void>][] = [
  ['when it is looked at', (page) => page.evaluate(() => void window.dispatchEvent(new Event('focus')))],
  ['by its button', (page) => page.getByRole('button', { name: 'I have signed in: go on' }).click()],
];

for (const [way, goOn] of WAYS_BACK) {
  test(`a session that is over is begun again in a window beside, and nothing is lost: ${way}`, async ({
    page,
    organization,
  }) => {
    await lookAtNothing(page);
    await signIn(page, organization, 'ada');
    await join(page, organization);
    await open(page, 'Desk');
    await prepare(page);
    // The session ends elsewhere: its cookie is worth nothing any more, and its stream ends.
    const answer = await page.request.delete(`${organization.address}/foldback/v1/session`, {
      headers: { origin: organization.address, 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.status()).toBeLessThan(300);
    const out = page.getByRole('heading', { name: 'You are signed out' });
    await expect(out).toBeVisible();
    const [beside] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Sign in' }).click(),
    ]);
    // The provider still knows who this is; it may ask again.
    await finishBeside(beside);
    await expect(out).toBeVisible();
    await goOn(page);
    await expect(out).toBeHidden();
    await expect(page.getByText('1 change waits')).toBeVisible();
    await page.getByRole('button', { name: 'Take', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Operations' }).getByText('completed').first()).toBeVisible();
  });
}

test('before a session ends its operator signs in again, and nothing stops', async ({ page, organization }) => {
  await signIn(page, organization, 'ada');
  await join(page, organization);
  // As it is a quarter of an hour before the end; only the time is changed.
  await page.route('**/foldback/v1/session', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), until: Date.now() + 600_000 } });
  });
  await page.reload();
  await open(page, 'Desk');
  await expect(page.getByText(/Your session ends at \d\d:\d\d/).first()).toBeVisible();
  await page.unroute('**/foldback/v1/session');
  await prepare(page);
  // The provider's cookies are on the same host here.
  const cookies = async () => (await page.context().cookies()).filter((it) => it.name.startsWith('foldback_'));
  const [before] = await cookies();

  const [beside] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: 'Sign in again' }).press('Enter'),
  ]);
  await finishBeside(beside);
  await page.bringToFront();
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByText(/Your session ends at/)).toHaveCount(0);
  // A new session under a new id, and the desk as it was left.
  const [after, ...more] = await cookies();
  expect(more).toEqual([]);
  expect(after!.value).not.toBe(before!.value);
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await expect(page.getByText('1 change waits')).toBeVisible();
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Operations' }).getByText('completed').first()).toBeVisible();
});

test('signing out ends it here and at the provider', async ({ page, organization }) => {
  await signIn(page, organization, 'ada');
  await join(page, organization);
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  const yes = page.getByRole('button', { name: /yes|sign me out/i });
  await expect(yes).toBeVisible();
  await yes.click();
  await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
  expect((await page.request.get(`${organization.address}/foldback/v1/session`)).status()).toBe(401);
});

test('an administrator sees who came and went, and ends the sessions of somebody', async ({
  browser,
  page,
  organization,
}) => {
  const producer = await (await browser.newContext()).newPage();
  await signIn(producer, organization, 'ada');
  await join(producer, organization);
  const nobody = await (await browser.newContext()).newPage();
  await signIn(nobody, organization, 'no');
  await expect(nobody.getByText('You have no role in Foldback')).toBeVisible();
  await nobody.context().close();

  await signIn(page, organization, 'al');
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  // By keys alone.
  await page.getByRole('tab', { name: 'Call' }).press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Sign-ins' })).toBeFocused();
  const lines = page.getByRole('table').getByRole('row');
  await expect(lines.nth(1)).toContainText('Al Adinsigned in as administrator');
  await expect(lines.nth(2)).toContainText('No Bodytried to sign in');
  await expect(lines.nth(2)).toContainText('failed: They have no role in Foldback.');
  await expect(lines.nth(3)).toContainText('Ada Kingsigned in as producer');
  const people = page.getByRole('region', { name: 'Signed in now' });
  await expect(people.getByRole('listitem')).toHaveCount(2);
  await expect(people.getByRole('button', { name: 'End the sessions of Al Adin' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );

  // Taken back in time, nothing happens.
  const end = people.getByRole('button', { name: 'End the sessions of Ada King' });
  await end.press('Enter');
  await expect(page.getByText(/Ending the sessions of Ada King in \d s/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(end).toBeVisible();
  await end.press('Enter');
  await expect(producer.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  await expect(lines.nth(1)).toContainText('Al Adinended all sessionsAda King');
  await expect(people.getByRole('listitem')).toHaveCount(1);
  await producer.context().close();
});

test('when somebody else signs in beside it, a page is theirs, and sends nothing of who was there', async ({
  page,
  organization,
}) => {
  await signIn(page, organization, 'ada');
  await join(page, organization);
  await open(page, 'Desk');
  await prepare(page);
  const posted: string[] = [];
  page.on('request', (it) => {
    if (it.method() === 'POST') posted.push(it.url());
  });
  // In another window of the same browser: the provider has forgotten who Ada is.
  const cookies = await page.context().cookies();
  for (const { name } of cookies.filter((it) => it.name.startsWith('_'))) await page.context().clearCookies({ name });
  const beside = await page.context().newPage();
  await beside.goto(`${organization.address}/sign-in?return_to=done`);
  await atTheProvider(beside, 'al');
  await expect(beside.getByText('You are signed in')).toBeVisible();
  await beside.close();
  // It loads itself anew, and what is pressed meanwhile is lost with the page before.
  await expect(page.getByRole('list', { name: 'Operators here' })).toContainText('Al Adin');
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(page.getByText('Signed in as Al Adin, administrator')).toBeVisible();
  await open(page, 'Desk');
  await expect(page.getByText('1 change waits')).toBeHidden();
  await open(page, 'Log');
  const lines = page.getByRole('table').getByRole('row');
  await expect(lines.nth(1)).toContainText('joined the call');
  await expect(lines).toHaveCount(2);
  expect(posted.filter((it) => it.includes('configureMixer'))).toEqual([]);
});

test('a call that is closed to somebody is taken from their screen', async ({ browser, page, organization }) => {
  await signIn(page, organization, 'al');
  await join(page, organization);
  const viewer = await (await browser.newContext()).newPage();
  await signIn(viewer, organization, 'vi');
  await expect(viewer.getByRole('grid', { name: 'Roster' })).toBeVisible();
  const calls = await page.request.get(`${organization.address}/foldback/v1/calls`);
  const [call] = ((await calls.json()) as { calls: { id: string }[] }).calls;
  const access = `${organization.address}/foldback/v1/calls/${call!.id}/access`;
  const own = { origin: organization.address, 'sec-fetch-site': 'same-origin' };
  const close = await page.request.put(access, { data: { people: ['nobody'] }, headers: own });
  expect(close.status(), await close.text()).toBe(200);
  await expect(viewer.getByRole('heading', { name: 'This call is not open to you' })).toBeVisible();
  await expect(viewer.getByRole('grid', { name: 'Roster' })).toBeHidden();
  await expect(viewer.getByText(/\b4\d people/)).toHaveCount(0);
  // Opened again, it is there again.
  expect((await page.request.put(access, { data: { openTo: 'viewer' }, headers: own })).status()).toBe(200);
  await viewer.getByRole('button', { name: 'Try again' }).press('Enter');
  await expect(viewer.getByRole('grid', { name: 'Roster' })).toBeVisible();
  await viewer.context().close();
});

test('a proxy that starts again while the service is slow is gone for a moment, and the call goes on', async ({
  page,
  organization,
}) => {
  await signIn(page, organization, 'ada');
  await join(page, organization);
  await open(page, 'Desk');
  await prepare(page);
  // Whatever the panel says, from here on.
  await page.evaluate(() => {
    const said = ((window as unknown as { said: Set<string> }).said = new Set());
    const look = () => document.querySelectorAll('header, main h2').forEach((it) => said.add(it.textContent ?? ''));
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await organization.slow(60_000);
  await organization.restart();
  const said = () => page.evaluate(() => [...(window as unknown as { said: Set<string> }).said].join('\n'));
  await expect.poll(said).toContain('Offline');
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await expect(page.getByText('1 change waits')).toBeVisible();
  expect(await said()).not.toMatch(/Call ended|This call is over|Signed out|You are signed out/);
});
