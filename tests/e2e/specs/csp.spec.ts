// The content security policy, and names that want to be more than text. In every state of the page such
// people are there as well (`states.spec.ts`), and no page may complain about its policy (`fixtures.ts`);
// here it is made sure that it would.
import { expect, test } from '../fixtures.ts';
import { find, open, VIEWS } from '../panel.ts';

test.use({ rehearsal: ['--participants', '14'] });

declare global {
  interface Window {
    ran?: number;
    violations: string[];
  }
}

/** Counts what the policy forbids, from before the page's own scripts. */
async function watch(page: import('@playwright/test').Page): Promise<void> {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.reload();
}

test('the policy allows what is ours and nothing beside it', async ({ browser, demo }) => {
  // Not a page of the fixtures: here the policy is broken on purpose.
  const context = await browser.newContext();
  const page = await context.newPage();
  const answer = await page.goto(await demo.link());
  await expect(page.getByRole('grid', { name: 'Roster' })).toBeVisible();
  const policy = Object.fromEntries(
    answer!
      .headers()
      ['content-security-policy']!.split(';')
      .map((it) => it.trim().split(/\s+(.*)/s) as [string, string]),
  );
  expect(policy['default-src']).toBe("'none'");
  expect(policy['script-src']).toMatch(/^'self'( 'sha256-[A-Za-z0-9+/]{43}=')+ 'wasm-unsafe-eval'$/);
  expect(Object.values(policy).join(' ')).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|http:|data:/);
  expect(policy['frame-ancestors']).toBe("'none'");
  await watch(page);
  await expect(page.getByRole('grid', { name: 'Roster' })).toBeVisible();
  expect(await page.evaluate(() => window.violations)).toEqual([]);

  // The page is watched for real: each of these is stopped, and noticed.
  for (const [what, directive] of [
    ['<script>window.ran = 1</script>', 'script-src-elem'],
    ['<p style="color: red">', 'style-src-attr'],
    ['<style>* { color: red }</style>', 'style-src-elem'],
    ['<img src="https://example.org/x.png">', 'img-src'],
    ['<iframe src="https://example.org/">', 'frame-src'],
    ['<object data="https://example.org/"></object>', 'object-src'],
  ] as const) {
    await page.evaluate((html) => {
      window.violations = [];
      // A script is run by this, and by no assignment of markup.
      document.body.append(document.createRange().createContextualFragment(html));
    }, what);
    await expect.poll(() => page.evaluate(() => window.violations.join('\n')), { message: what }).toContain(directive);
  }
  const violations = () => page.evaluate(() => window.violations.join('\n'));
  await page.evaluate(() => fetch('https://example.org/').catch(() => 'refused'));
  await expect.poll(violations).toContain('connect-src: https://example.org');
  // Text that would become code; a timer's runs after the test's own call, which the policy does not bind.
  await page.evaluate(() => void setTimeout('window.ran = 1'));
  await expect.poll(violations).toContain('script-src: eval');
  expect(await page.evaluate(() => window.ran)).toBeUndefined();
  await context.close();
});

test('names that want more are text of one line, in every room', async ({ page, callService }) => {
  await watch(page);
  await open(page, 'Roster');
  await callService.strangersArrive();
  await find(page, '<img src=x');
  await page.getByRole('searchbox', { name: 'Search participants' }).fill('');
  // The row of the name that is too long, and of marks on marks, is as high as any other.
  const heights = await page
    .getByRole('row')
    .evaluateAll((rows) => rows.slice(1).map((row) => Math.round(row.getBoundingClientRect().height)));
  expect(new Set(heights).size).toBe(1);
  for (const room of VIEWS) {
    await open(page, room);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), room).toBeLessThanOrEqual(0);
  }
  const told = await page.locator('body').innerText();
  expect(told).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\uFEFF\u0000\u0007]/);
  expect(await page.evaluate(() => window.ran)).toBeUndefined();
  expect(await page.evaluate(() => window.violations)).toEqual([]);
});
