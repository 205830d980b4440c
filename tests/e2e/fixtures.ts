// What every test starts from: a rehearsal of its own, signed-in operators, and the call service's
// view of what really arrived. A page that breaks its content security policy or throws fails its test.
import { test as base, expect, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { CallService } from './call-service.ts';
import { Demo } from './demo.mjs';

export { expect } from '@playwright/test';

/** Opens a browser of its own for one more operator and signs in by a fresh link. */
export type NewOperator = (options?: BrowserContextOptions) => Promise<Page>;

type Fixtures = {
  /** Further arguments of `foldback demo`. */
  rehearsal: string[];
  demo: Demo;
  callService: CallService;
  newOperator: NewOperator;
};

export const test = base.extend<Fixtures>({
  rehearsal: [[], { option: true }],

  demo: async ({ rehearsal }, use, info) => {
    const demo = await Demo.start(['--inspect', '--seed', '7', '--speed', '0', ...rehearsal]);
    await use(demo);
    const code = await demo.stop();
    await info.attach('foldback.log', { body: demo.log, contentType: 'text/plain' });
    expect(code, `foldback ends cleanly\n${demo.log}`).toBe(0);
  },

  callService: async ({ demo }, use) => {
    await use(new CallService(demo));
  },

  newOperator: async ({ browser, demo }, use) => {
    const open: (() => Promise<void>)[] = [];
    const complaints: string[] = [];
    await use(async (options) => {
      const page = await openPage(browser, options, complaints);
      open.push(() => page.context().close());
      await page.goto(await demo.link());
      await expect(page.getByRole('grid', { name: 'Roster' })).toBeVisible();
      return page;
    });
    for (const close of open) await close();
    expect(complaints, 'what the pages complained about').toEqual([]);
  },

  page: async ({ newOperator }, use) => {
    await use(await newOperator());
  },
});

async function openPage(browser: Browser, options: BrowserContextOptions | undefined, complaints: string[]) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|panicked at/.test(message.text())) complaints.push(message.text());
  });
  return page;
}
