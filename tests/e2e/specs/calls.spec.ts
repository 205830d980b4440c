// The start page: which calls there are, and joining another one.
import { expect, test } from '../fixtures.ts';

const field = 'Meeting link or id, ACS group call or room';

test('the calls are listed and one of them is opened', async ({ page }) => {
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const calls = page.getByRole('region', { name: 'Calls' });
  await expect(calls.getByRole('link')).toHaveCount(2);
  const acs = calls.getByRole('link').filter({ hasText: 'ACS' });
  await expect(acs).toContainText('Running');
  await acs.click();
  await expect(page.getByRole('grid', { name: 'Roster' })).toHaveAttribute('aria-rowcount', '12');
});

test('by keys: a group call of ACS is joined by its id, and opens', async ({ page }) => {
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const what = page.getByRole('textbox', { name: field });
  await what.fill('9e1f5a60-7d6c-4d6c-9d1c-0123456789ab');
  await expect(page.getByText('This is a group call of ACS.')).toBeVisible();
  const sent = page.waitForRequest((it) => it.method() === 'POST' && it.url().endsWith('/foldback/v1/calls'));
  await what.press('Enter');
  expect((await sent).postDataJSON()).toEqual({ acs: { groupCallId: '9e1f5a60-7d6c-4d6c-9d1c-0123456789ab' } });
  await expect(page.getByRole('grid', { name: 'Roster' })).toHaveAttribute('aria-rowcount', /^[1-9]/);
  await expect(page).toHaveURL(/call=acs\./);
});

test('what cannot be joined is said, with what can', async ({ page, callService }) => {
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const join = page.getByRole('group', { name: 'Join a call' });
  await join.getByRole('button', { name: 'Join' }).click();
  await expect(join).toContainText('Nothing is joined: paste the https link of a Teams meeting');
  await join.getByRole('textbox').fill('hello');
  await join.getByRole('button', { name: 'Join' }).click();
  await expect(join).toContainText('This cannot be joined');
  await callService.fault({ path_contains: ':connect', fault: { status: 403 } });
  await join.getByRole('textbox').fill('9e1f5a60-7d6c-4d6c-9d1c-0123456789ab');
  await join.getByRole('button', { name: 'Join' }).click();
  await expect(join).toContainText('Not joined:');
  await expect(join.getByRole('button', { name: 'Join' })).not.toHaveAttribute('aria-disabled', 'true');
});

test('a meeting is joined by its id and passcode', async ({ page }) => {
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const join = page.getByRole('group', { name: 'Join a call' });
  await join.getByRole('textbox', { name: field }).fill('345 678 901 234');
  await join.getByRole('textbox', { name: 'Passcode, if it has one' }).fill('Xy12');
  const sent = page.waitForRequest((it) => it.method() === 'POST' && it.url().endsWith('/foldback/v1/calls'));
  await page.keyboard.press('Enter');
  expect((await sent).postDataJSON()).toEqual({ meeting: { id: '345 678 901 234', passcode: 'Xy12' } });
  await expect(page.getByRole('grid', { name: 'Roster' })).toHaveAttribute('aria-rowcount', /^[1-9]/);
  await expect(page).toHaveURL(/#\/roster\?call=graph\./);
});

test('Foldback leaves a call, unless that is taken back', async ({ page }) => {
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const calls = page.getByRole('region', { name: 'Calls' });
  const leave = calls.getByRole('button', { name: /^Leave ACS call/ });
  await leave.press('Enter');
  const bar = page.getByRole('group', { name: 'Leaving a call' });
  await expect(bar.getByText(/^Leaving ACS call .* for everybody in \d s$/)).toBeVisible();
  // By way of whatever stands between, the focus is back where it began.
  await page.keyboard.press('Tab');
  while (!(await bar.getByRole('button').evaluate((it) => it === document.activeElement))) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
  await expect(leave).toBeFocused();

  const left = page.waitForRequest((it) => it.method() === 'DELETE');
  await leave.click();
  expect((await left).url()).toMatch(/\/foldback\/v1\/calls\/acs\./);
  await expect(page.getByRole('status')).toContainText('Foldback left ACS call');
  await expect(leave).toBeHidden();
  await expect(calls.getByRole('button', { name: /^Leave / })).toHaveCount(1);
});

test('what was taken back is not done in place of what comes after it, in whatever room', async ({ page }) => {
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const gone: string[] = [];
  page.on('request', (it) => {
    if (it.method() === 'DELETE') gone.push(it.url());
  });
  const acs = page.getByRole('button', { name: /^Leave ACS call/ });
  const graph = page.getByRole('button', { name: 'Leave Foldback rehearsal' });
  const bars = page.getByRole('group', { name: 'Leaving a call' });
  await acs.click();
  await bars.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('status')).toContainText('Taken back: Leaving ACS call');
  await acs.click();
  await graph.click();
  await expect(bars).toHaveCount(2);
  await bars.filter({ hasText: 'ACS call' }).getByRole('button', { name: 'Cancel' }).click();
  // It belongs to the page: going elsewhere neither does it nor takes it back.
  await page.getByRole('link', { name: 'Roster', exact: true }).click();
  await expect(bars).toHaveCount(1);
  await expect(page.getByText('The call has ended.')).toBeVisible();
  expect(gone).toHaveLength(1);
  expect(gone[0]).toContain('/calls/graph.');
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(acs).toBeVisible();
  await expect(graph).toBeHidden();
  await expect(page.getByRole('region', { name: 'Calls' }).getByRole('link').first()).toContainText('ACS');
});
