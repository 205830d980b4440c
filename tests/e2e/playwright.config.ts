// How the browser tests run: the system's Chromium, two at a time. What fails is tried once more; a few
// that pass only then are told, more of them are a failure (`xtask/src/tally.rs`).
import { defineConfig } from '@playwright/test';
import { CHROMIUM } from './demo.mjs';

export default defineConfig({
  testDir: 'specs',
  outputDir: 'results/failed',
  // What a screen reader is told stands beside the test, the same on every system.
  snapshotPathTemplate: '{testDir}/aria/{arg}{ext}',
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 1,
  workers: 2,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: 'results/report.json' }]],
  use: {
    browserName: 'chromium',
    launchOptions: CHROMIUM,
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    locale: 'en-US',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
});
