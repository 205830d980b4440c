// Measures what a person waits for, in the release binary's rehearsal, and prints
// [{what, unit, median, low, high, runs}] as JSON. `cargo xtask bench` calls it.
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { CHROMIUM, Demo } from '../demo.mjs';
import { figure } from './figure.mjs';

const RUNS = 15;

/**
 * Runs in the page before anything else: notes the first frame in which the roster counts everybody
 * and fills its window with rows that can be clicked.
 * @param {number} people
 */
function watch(people) {
  const look = () => {
    const grid = document.querySelector('[role=grid][aria-rowcount]');
    const counted = Number(grid?.getAttribute('aria-rowcount') ?? 0) >= people;
    if (counted && grid?.querySelector('[role=row] button[aria-label^="Mute "]')) {
      Object.assign(window, { shownAfter: performance.now() });
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
}

/**
 * @param {import('@playwright/test').BrowserContext} context
 * @param {string} address
 * @param {number} people
 */
async function navigate(context, address, people) {
  const page = await context.newPage();
  await page.addInitScript(watch, people);
  await page.goto(address);
  const shown = await page.waitForFunction(() => Reflect.get(window, 'shownAfter'));
  const time = Number(await shown.jsonValue());
  return { page, time };
}

/**
 * Clicks an open microphone and takes the time, inside the page, until its button says muted.
 * @param {import('@playwright/test').Page} page
 * @returns {Promise<{ time: number, name: string }>}
 */
function clickToConfirmed(page) {
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const microphones = (/** @type {boolean} */ muted) => [
          ...document.querySelectorAll(`[role=row] button[aria-label^="Mute "][aria-pressed=${muted}]`),
        ];
        const button = microphones(false).find((it) => it.getAttribute('aria-disabled') !== 'true');
        if (!(button instanceof HTMLElement)) return reject(new Error('nobody in sight to mute'));
        const name = button.getAttribute('aria-label') ?? '';
        const started = performance.now();
        const observer = new MutationObserver(() => {
          if (microphones(true).some((it) => it.getAttribute('aria-label') === name)) {
            observer.disconnect();
            resolve({ time: performance.now() - started, name: name.slice('Mute '.length) });
          }
        });
        observer.observe(document.body, { attributes: true, childList: true, subtree: true });
        setTimeout(() => reject(new Error(`${name} was never confirmed`)), 10_000);
        button.click();
      }),
  );
}

/**
 * Has the person unmute themselves, so that there is somebody to mute again.
 * @param {import('@playwright/test').Page} page
 * @param {string} callService
 * @param {string} name
 */
async function unmute(page, callService, name) {
  const id = await page.evaluate(async (name) => {
    const { calls } = await (await fetch('/foldback/v1/calls')).json();
    const { roster } = await (await fetch(`/foldback/v1/calls/${calls[0].id}`)).json();
    return Object.keys(roster.people).find((id) => roster.people[id].name === name && roster.people[id].muted);
  }, name);
  const answer = await fetch(`${callService}/rehearsal/v1/people`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ unmute: id }),
  });
  if (!answer.ok) throw new Error(`${name} could not unmute: ${await answer.text()}`);
  await page.locator(`[role=row] button[aria-label="Mute ${name}"][aria-pressed=false]`).first().waitFor();
}

/** @param {number} people */
async function browse(people) {
  const demo = await Demo.start(['--seed', '7', '--speed', '0', '--inspect', '--participants', String(people)]);
  const browser = await chromium.launch(CHROMIUM);
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const signIn = await context.newPage();
    await signIn.goto(await demo.link());
    await signIn.getByRole('grid', { name: 'Roster' }).waitFor();
    const address = new URL(signIn.url()).origin;
    const callService = await demo.value('call-service');
    await signIn.close();
    const times = [];
    const clicks = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { page, time } = await navigate(context, address, people);
      times.push(time);
      const click = await clickToConfirmed(page);
      clicks.push(click.time);
      await unmute(page, callService, click.name);
      await page.close();
    }
    return { times, clicks };
  } finally {
    await browser.close();
    await demo.stop();
  }
}

/** Resident memory of a rehearsal nobody looks at, once it has stopped changing. */
async function idleMemory() {
  const demo = await Demo.start(['--seed', '7']);
  try {
    /** @type {number[]} */
    const last = [];
    for (let sample = 0; sample < 240; sample += 1) {
      const status = await readFile(`/proc/${demo.pid}/status`, 'utf8');
      last.push(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
      const recent = last.slice(-20);
      if (recent.length === 20 && Math.max(...recent) - Math.min(...recent) < 0.25) return last.at(-1) ?? NaN;
      await pause(250);
    }
    throw new Error(`memory never came to rest: ${last.slice(-8)}`);
  } finally {
    await demo.stop();
  }
}

const few = await browse(43);
const many = await browse(1000);
const memory = [];
for (let run = 0; run < 3; run += 1) memory.push(await idleMemory());
console.log(
  JSON.stringify([
    figure('navigation to 43 people shown', 'ms', few.times),
    figure('navigation to 1,000 people shown', 'ms', many.times),
    figure('click to mute confirmed, 43 people', 'ms', few.clicks),
    figure('click to mute confirmed, 1,000 people', 'ms', many.clicks),
    figure('idle memory of `foldback demo`', 'MiB', memory),
  ]),
);
