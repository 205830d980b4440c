// How long each page takes to be usable, when its largest content is painted, how long it keeps its
// only thread from answering, and what it loads. Every load begins with an empty cache.

/** @typedef {{ usable: number, painted: number, blocked: number, files: number, data: number }} Load */

/**
 * Where a page counts its people and what of each is clicked.
 * @typedef {{ counted: string, attribute?: string, control: string }} Look
 */

/** @type {Record<'panel' | 'fluent' | 'acsui', Look>} */
export const LOOKS = {
  panel: {
    counted: '[role=grid][aria-rowcount]',
    attribute: 'aria-rowcount',
    control: '[role=row] button[aria-label^="Mute "]',
  },
  fluent: { counted: '#tiles li', control: '#tiles [role=switch]' },
  acsui: { counted: '#list [role=menuitem]', control: '#list [role=menuitem]' },
};

/**
 * Runs in the page before anything else. Usable is the first frame that starts with everybody counted
 * and every control in the window lying open to a click, once it has been drawn.
 * @param {Look & { people: number }} look
 */
function watch({ counted, attribute, control, people }) {
  const seen = { usable: 0, painted: 0, blocked: 0, lastTask: 0 };
  Object.assign(window, { seen });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      seen.blocked += duration - 50;
      seen.lastTask = startTime + duration;
    }
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) seen.painted = startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });

  const isCounted = () => {
    const found = document.querySelectorAll(counted);
    const count = attribute ? Number(found[0]?.getAttribute(attribute) ?? 0) : found.length;
    return count >= people;
  };
  const isOpen = () => {
    let open = 0;
    for (const it of document.querySelectorAll(control)) {
      const { x, y, width, height, bottom } = it.getBoundingClientRect();
      if (bottom > innerHeight) break;
      const hit = document.elementFromPoint(x + width / 2, y + height / 2);
      // A scroller may cut off what it draws in advance.
      if (hit === it || it.contains(hit)) open += 1;
    }
    return open >= 5;
  };
  const look = () => {
    if (isCounted() && isOpen()) requestAnimationFrame(() => (seen.usable = performance.now()));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/**
 * Loads a page in a context of its own.
 * @param {import('@playwright/test').Browser} browser
 * @param {keyof typeof LOOKS} kind
 * @param {string} address
 * @param {number} people
 * @param {import('@playwright/test').BrowserContextOptions} [options]
 * @returns {Promise<Load>}
 */
export async function load(browser, kind, address, people, options) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch, { ...LOOKS[kind], people });
    await page.goto(address);
    // Long tasks are told some time after they end: a second without one is rest.
    await page.waitForFunction(() => {
      const { usable, lastTask } = Reflect.get(window, 'seen');
      return usable > 0 && performance.now() > Math.max(usable, lastTask) + 1000;
    });
    return await page.evaluate(() => {
      const { usable, painted, blocked } = Reflect.get(window, 'seen');
      const loaded = [
        ...performance.getEntriesByType('navigation'),
        ...performance.getEntriesByType('resource'),
      ]
        .filter((it) => it instanceof PerformanceResourceTiming)
        // What a page fetches ahead once it can be used is no part of its first load.
        .filter((it) => it.startTime < usable);
      const isData = (/** @type {PerformanceResourceTiming} */ it) => it.name.includes('/foldback/');
      const bytes = (/** @type {PerformanceResourceTiming[]} */ some) =>
        some.reduce((sum, it) => sum + it.encodedBodySize, 0);
      return {
        usable,
        painted,
        blocked,
        files: bytes(loaded.filter((it) => !isData(it))),
        data: bytes(loaded.filter(isData)),
      };
    });
  } finally {
    await context.close();
  }
}
