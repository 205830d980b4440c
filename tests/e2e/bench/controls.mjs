// Measures the panel's faders beside the browser's own sliders, and how it loads beside pages of
// other libraries; prints {moves, loads, weights} as JSON. `cargo xtask bench controls` calls it.
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM, Demo } from '../demo.mjs';
import { Hand } from './drags.mjs';
import { figure } from './figure.mjs';
import { load } from './loads.mjs';
import { serve } from './serve.mjs';

const DRAGS = 7;
const LOADS = 9;

const PEERS = process.env.FOLDBACK_PEERS ?? fileURLToPath(new URL('../../../target/peers', import.meta.url));

/** Nobody is asked for anything but what is measured: a peer's library would fetch its fonts. */
const LAUNCH = {
  ...CHROMIUM,
  args: [...CHROMIUM.args, '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
};

/** @typedef {import('@playwright/test').Browser} Browser */
/** @typedef {import('./figure.mjs').Figure & { page: string, people: number }} Told */

/**
 * A rehearsal that stands still, and a sign-in for it that every page can be opened with.
 * @param {Browser} browser
 * @param {number} people
 */
async function rehearse(browser, people) {
  const demo = await Demo.start(['--seed', '7', '--speed', '0', '--participants', String(people)]);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(await demo.link());
  await page.getByRole('grid', { name: 'Roster' }).waitFor();
  const address = new URL(page.url()).origin;
  const signedIn = { storageState: await context.storageState() };
  await context.close();
  return { people, address, signedIn, stop: () => demo.stop() };
}

/** @typedef {Awaited<ReturnType<typeof rehearse>>} Rehearsal */

/**
 * A page with its slider under a hand.
 * @param {Browser} browser
 * @param {string} address
 * @param {(page: import('@playwright/test').Page) => import('@playwright/test').Locator} slider
 * @param {import('@playwright/test').BrowserContextOptions} [options]
 */
async function take(browser, address, slider, options) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(address);
  const hand = await Hand.on(page, slider(page).first());
  // What is compiled while a hand first moves is compiled before it is measured.
  await hand.drag();
  return hand;
}

/**
 * @param {Browser} browser
 * @param {Rehearsal} rehearsal
 * @param {string} peer
 * @returns {Promise<Told[]>}
 */
async function moves(browser, { people, address, signedIn }, peer) {
  const hands = {
    panel: await take(browser, `${address}/#/desk`, (page) => page.locator('.fader-rail'), signedIn),
    range: await take(browser, `${peer}/range/?n=${people}`, (page) => page.getByRole('slider')),
  };
  const names = /** @type {const} */ (['panel', 'range']);
  const costs = names.map((name) => ({ page: name, runs: /** @type {import('./drags.mjs').Cost[]} */ ([]) }));
  for (let run = 0; run < DRAGS; run += 1) {
    for (const { page, runs } of costs) runs.push(await hands[page].drag());
  }
  return costs.flatMap(({ page, runs }) => [
    { page, people, ...figure('script', 'µs', runs.map((it) => it.script)) },
    { page, people, ...figure('all of the page’s thread', 'µs', runs.map((it) => it.thread)) },
  ]);
}

/**
 * @param {Browser} browser
 * @param {Rehearsal} rehearsal
 * @param {string} peer
 * @returns {Promise<Told[]>}
 */
async function loads(browser, { people, address, signedIn }, peer) {
  const pages = /** @type {const} */ (['panel', 'fluent', 'acsui']);
  const all = pages.map((page) => ({ page, runs: /** @type {import('./loads.mjs').Load[]} */ ([]) }));
  for (let run = 0; run < LOADS; run += 1) {
    for (const { page, runs } of all) {
      const where = page === 'panel' ? `${address}/` : `${peer}/${page}/?n=${people}`;
      runs.push(await load(browser, page, where, people, page === 'panel' ? signedIn : {}));
    }
  }
  return all.flatMap(({ page, runs }) => [
    { page, people, ...figure('usable', 'ms', runs.map((it) => it.usable)) },
    { page, people, ...figure('largest content painted', 'ms', runs.map((it) => it.painted)) },
    { page, people, ...figure('total blocking time', 'ms', runs.map((it) => it.blocked)) },
    { page, people, ...figure('files', 'bytes', runs.map((it) => it.files)) },
    { page, people, ...figure('data of the call', 'bytes', runs.map((it) => it.data)) },
  ]);
}

const peers = await serve(PEERS);
const browser = await chromium.launch(LAUNCH);
/** @type {Rehearsal[]} */
const rehearsals = [];
try {
  /** @type {{ moves: Told[], loads: Told[] }} */
  const told = { moves: [], loads: [] };
  for (const people of [100, 1000]) {
    const rehearsal = await rehearse(browser, people);
    rehearsals.push(rehearsal);
    told.loads.push(...(await loads(browser, rehearsal, peers.origin)));
  }
  for (const people of [43, 1000]) {
    const rehearsal = await rehearse(browser, people);
    rehearsals.push(rehearsal);
    told.moves.push(...(await moves(browser, rehearsal, peers.origin)));
  }
  console.log(JSON.stringify(told));
} finally {
  await browser.close();
  for (const rehearsal of rehearsals) await rehearsal.stop();
  await peers.stop();
}
