// The states a page can be in, each with the way there: what accessibility and layout are checked in.
import { expect, type Page } from '@playwright/test';
import { type CallService, nameOf } from './call-service.ts';
import { fader, find, listenTo, muteButton, open, PIECES, type View } from './panel.ts';

/** A state: the way there from a freshly opened roster, through the panel or by what goes wrong. */
export type State = {
  name: string;
  reach: (page: Page, callService: CallService) => Promise<unknown>;
  /** What lies over the rest: only its controls are to be had. */
  over?: string;
};

/** Every snapshot of a call. */
const SNAPSHOT = /\/foldback\/v1\/calls\/[^/?]+$/;

/** Opens a room of a call whose service has no mixer. */
async function withoutMixer(page: Page, room: View): Promise<void> {
  await page.route(SNAPSHOT, async (route) => {
    const answer = await route.fetch();
    const snapshot = (await answer.json()) as { call: { can: { mix: boolean } } };
    snapshot.call.can.mix = false;
    await route.fulfill({ response: answer, json: snapshot });
  });
  // The call's own news, arriving after the snapshot, would bring the mixer back.
  await expect(async () => {
    await page.reload();
    await page.getByRole('link', { name: room }).click();
    await expect(page.getByRole('heading', { name: 'This call has no mixer' })).toBeVisible({ timeout: 3_000 });
  }).toPass();
}

const STATES: State[] = [
  { name: 'roster', reach: (page) => open(page, 'Roster') },
  { name: 'desk of everyone', reach: (page) => open(page, 'Desk') },
  {
    name: 'log of sign-ins',
    reach: async (page) => {
      await open(page, 'Log');
      await page.getByRole('tab', { name: 'Sign-ins' }).click();
      await expect(page.getByRole('region', { name: 'Signed in now' }).getByRole('listitem')).toHaveCount(1);
    },
  },
  { name: 'ducking, off', reach: (page) => open(page, 'Ducking') },
  {
    name: 'loading',
    reach: async (page) => {
      await page.route(SNAPSHOT, () => {});
      await page.reload();
      await expect(page.getByText('Connecting', { exact: true })).toBeVisible();
    },
  },
  {
    name: 'a room that did not arrive',
    reach: async (page) => {
      await page.route(PIECES, (route) => route.abort());
      await page.reload();
      await page.getByRole('link', { name: 'Desk' }).click();
      await expect(page.getByRole('heading', { name: 'The desk could not be loaded' })).toBeVisible();
    },
  },
  {
    name: 'search without a result',
    reach: async (page) => {
      await page.getByRole('searchbox', { name: 'Search participants' }).fill('nobody is called this');
      await expect(page.getByText('Nobody matches')).toBeVisible();
    },
  },
  {
    name: 'muted, and a mute that failed',
    reach: async (page, callService) => {
      const [muted, refused] = (await callService.openMicrophones(2)).map(nameOf);
      await find(page, muted!);
      await muteButton(page, muted!).click();
      await expect(muteButton(page, muted!)).toHaveAttribute('aria-pressed', 'true');
      await callService.fault({ path_contains: '/mute', times: 1, fault: { status: 403 } });
      await find(page, refused!);
      await muteButton(page, refused!).click();
      await expect(page.getByRole('button', { name: `Retry` }).first()).toBeVisible();
    },
  },
  {
    name: 'muting all others',
    reach: async (page, callService) => {
      await callService.openMicrophones(1);
      await callService.fault({ path_contains: '/mute', times: 50, fault: 'hang' });
      await page.getByRole('button', { name: 'Mute all others' }).click();
      await expect(page.getByText(/^\d+\/\d+ confirmed/).first()).toBeVisible();
    },
  },
  {
    name: 'desk of one listener with levels of their own',
    reach: async (page, callService) => {
      const [listener, source, ducker] = (await callService.plainPeople()).map(nameOf);
      await open(page, 'Desk');
      await listenTo(page, listener!);
      await fader(page, source!, listener).press('PageDown');
      await page.getByRole('button', { name: `${ducker} ducks others`, exact: true }).click();
      await page.getByRole('switch', { name: 'Exclusive' }).click();
      await expect.poll(async () => (await callService.mixes()).at(-1)?.participantMixerLevels[0]?.exclusive).toBe(true);
    },
  },
  {
    name: 'choosing a listener',
    reach: async (page) => {
      await open(page, 'Desk');
      await page.getByRole('combobox', { name: 'Listener' }).fill('a');
      await expect(page.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'no source found',
    reach: async (page) => {
      await open(page, 'Desk');
      await page.getByRole('searchbox', { name: 'Search sources' }).fill('nobody is called this');
      await expect(page.getByText('No source fits')).toBeVisible();
    },
  },
  {
    name: 'ducking, on',
    reach: async (page, callService) => {
      const [listener, ducker] = (await callService.plainPeople()).map(nameOf);
      await open(page, 'Desk');
      await listenTo(page, listener!);
      await page.getByRole('button', { name: `${ducker} ducks others`, exact: true }).click();
      await open(page, 'Ducking');
      await expect(page.getByRole('switch', { name: 'Ducking' })).toHaveAttribute('aria-checked', 'true');
    },
  },
  {
    name: 'listening',
    reach: async (page) => {
      await open(page, 'Ducking');
      await page.getByRole('button', { name: 'Listen' }).press('Enter');
      await expect(page.locator('.curve-now')).toBeVisible();
    },
  },
  { name: 'no scenes', reach: (page) => open(page, 'Scenes') },
  {
    name: 'scenes, one on A, one about to be deleted',
    reach: async (page) => {
      await open(page, 'Scenes');
      for (const name of ['Opening', 'Questions']) {
        await page.getByRole('textbox', { name: 'Scene name' }).fill(name);
        await page.keyboard.press('Enter');
        await expect(page.getByRole('heading', { name })).toBeVisible();
      }
      await page.getByRole('button', { name: 'Opening on A' }).click();
      // It stays: what would delete it does not reach the proxy.
      await page.route('**/scenes/**', () => {});
      await page.getByRole('button', { name: 'Delete Questions' }).click();
    },
  },
  {
    name: 'blind, with changes that wait',
    reach: async (page, callService) => {
      const [source] = (await callService.plainPeople()).map(nameOf);
      await open(page, 'Desk');
      await page.getByRole('switch', { name: 'Blind mode' }).click();
      await fader(page, source!).press('PageDown');
      await expect(page.getByRole('group', { name: 'Blind mode' })).toContainText('1 change waits');
    },
  },
  {
    name: 'mixer not offered: desk',
    reach: (page) => withoutMixer(page, 'Desk'),
  },
  {
    name: 'mixer not offered: ducking',
    reach: (page) => withoutMixer(page, 'Ducking'),
  },
  {
    name: 'mixer not offered: scenes',
    reach: (page) => withoutMixer(page, 'Scenes'),
  },
  {
    name: 'a mix the service refused',
    reach: async (page, callService) => {
      const [source] = (await callService.plainPeople()).map(nameOf);
      await callService.fault({ path_contains: 'configureMixer', fault: { status: 404 } });
      await open(page, 'Desk');
      await fader(page, source!).press('PageDown');
      await expect(page.getByRole('region', { name: 'Messages' })).toBeVisible();
    },
  },
  {
    name: 'a tooltip',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Keys', exact: true }).hover();
      await expect(page.getByRole('tooltip')).toBeVisible();
    },
  },
  {
    name: 'people chosen',
    reach: async (page) => {
      for (const at of [2, 3]) {
        await page.getByRole('row').nth(at).focus();
        await page.keyboard.press('x');
      }
      await expect(page.getByRole('group', { name: 'Chosen people' })).toContainText('2 chosen');
    },
  },
  {
    name: 'offline',
    reach: async (page) => {
      await page.context().setOffline(true);
      await expect(page.getByText('Connection lost').last()).toBeVisible();
    },
  },
  {
    name: 'lost before anything was seen',
    reach: async (page) => {
      await page.route('**/foldback/v1/**', (route) => route.fulfill({ status: 503, body: '' }));
      await page.reload();
      await expect(page.getByText('Connection lost').last()).toBeVisible();
    },
  },
  {
    name: 'signed out',
    reach: async (page) => {
      await page.context().clearCookies();
      await page.reload();
      await expect(page.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
    },
  },
  {
    name: 'the call has ended',
    reach: async (page, callService) => {
      await callService.endsTheCall();
      await expect(page.getByText('The call has ended').last()).toBeVisible();
    },
  },
  {
    name: 'a call that is over',
    reach: async (page) => {
      await page.goto(`${new URL(page.url()).origin}/#/roster?call=graph.no-such-call`);
      await page.reload();
      await expect(page.getByRole('heading', { name: 'This call is over' })).toBeVisible();
    },
  },
  {
    name: 'the start page, with a meeting id and a passcode',
    reach: async (page) => {
      await page.getByRole('link', { name: 'Calls', exact: true }).click();
      const what = page.getByRole('textbox', { name: 'Meeting link or id, ACS group call or room' });
      await what.fill('call me');
      await what.press('Enter');
      await expect(page.getByText(/This cannot be joined/).first()).toBeVisible();
      await what.fill('345 678 901 234');
      await expect(page.getByRole('textbox', { name: 'Passcode, if it has one' })).toBeVisible();
    },
  },
  {
    name: 'no call yet',
    reach: async (page) => {
      await page.route(/\/foldback\/v1\/calls$/, (route) => route.fulfill({ json: { calls: [] } }));
      await page.reload();
      await expect(page.getByText('Foldback is in no call.')).toBeVisible();
    },
  },
];

/** What only a telephone's page shows. */
const NARROW: State[] = [
  {
    name: 'the box of commands',
    over: '.palette',
    reach: async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('mute');
      await expect(page.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'drawer open',
    over: '#drawer',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Details', exact: true }).click();
      await expect(page.getByRole('tab', { name: 'Payload' })).toBeVisible();
    },
  },
];

export { NARROW, STATES };
