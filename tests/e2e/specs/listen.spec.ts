// Listening to the ducking, in this browser alone.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { open } from '../panel.ts';

/** What a context has made of itself: how loud, and how many are still there. */
interface Heard {
  loudness: number;
  running: number;
}

declare global {
  interface Window {
    heard(): Heard;
  }
}

/** Puts an ear at every worklet of the page. */
function anEar(): void {
  const contexts: BaseAudioContext[] = [];
  let ear: AnalyserNode | undefined;
  const connect = AudioWorkletNode.prototype.connect as (to: AudioNode) => AudioNode;
  AudioWorkletNode.prototype.connect = function (this: AudioWorkletNode, to: AudioNode) {
    contexts.push(this.context);
    ear = this.context.createAnalyser();
    connect.call(this, ear);
    return connect.call(this, to);
  } as typeof AudioWorkletNode.prototype.connect;
  window.heard = () => {
    const samples = new Float32Array(ear?.fftSize ?? 1);
    ear?.getFloatTimeDomainData(samples);
    const squares = samples.reduce((sum, it) => sum + it * it, 0);
    return {
      loudness: Math.sqrt(squares / samples.length),
      running: contexts.filter((it) => it.state === 'running').length,
    };
  };
}

async function listen(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Listen' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Listen' })).toHaveAttribute('aria-pressed', 'true');
}

const loudness = (page: Page) => page.evaluate(() => window.heard().loudness);
const running = (page: Page) => page.evaluate(() => window.heard().running);

test.beforeEach(async ({ page }) => {
  await page.evaluate(anEar);
});

test('there is sound while the key is down, a line goes with it, and nothing is sent', async ({
  page,
  callService,
}) => {
  await open(page, 'Ducking');
  const before = (await callService.requests()).length;
  await listen(page);
  await expect.poll(() => loudness(page)).toBeGreaterThan(0.01);
  const line = page.locator('.curve-now');
  await expect(line).toBeVisible();
  const place = async () => (await line.boundingBox())?.x ?? 0;
  const first = await place();
  await expect.poll(place).not.toBe(first);
  await page.getByRole('button', { name: 'Listen' }).click();
  await expect(line).toBeHidden();
  await expect.poll(() => running(page)).toBe(0);
  const posts = (await callService.requests()).slice(before).filter((it) => it.method === 'POST');
  expect(posts).toEqual([]);
});

test('what a handle sets is heard at once', async ({ page }) => {
  await open(page, 'Ducking');
  await listen(page);
  await expect.poll(() => loudness(page)).toBeGreaterThan(0.01);
  // A bed at 0 before and after speech is silence there.
  for (const level of ['Lower level', 'Upper level']) {
    await page.getByRole('slider', { name: level }).press('Home');
  }
  await expect.poll(() => loudness(page), { timeout: 15_000 }).toBeLessThan(0.0001);
});

test('the sound ends with the room', async ({ page }) => {
  await open(page, 'Ducking');
  await listen(page);
  await expect.poll(() => running(page)).toBe(1);
  await open(page, 'Desk');
  await expect.poll(() => running(page)).toBe(0);
});

test('files that cannot be had are said, and the key comes up', async ({ page }) => {
  await page.route('**/listen*.wasm', (route) => route.abort());
  await open(page, 'Ducking');
  await page.getByRole('button', { name: 'Listen' }).click();
  await expect(page.getByRole('alert').or(page.locator('.toast'))).toContainText('There is nothing to hear');
  await expect(page.getByRole('button', { name: 'Listen' })).toHaveAttribute('aria-pressed', 'false');
});

/** Rendered offline, so that every sample is known: the bed falls and comes back as the curve says. */
test('the sound follows the curve', async ({ page }) => {
  await open(page, 'Ducking');
  const levels = await page.evaluate(async () => {
    const files = document.querySelector('meta[name=foldback-listen]')?.getAttribute('content');
    const [module, script] = files!.split(' ');
    const rate = 48_000;
    const render = async (settings: number[]) => {
      const context = new OfflineAudioContext(1, rate * 6, rate);
      await context.audioWorklet.addModule(script!);
      const compiled = await WebAssembly.compileStreaming(fetch(module!));
      const processorOptions = { module: compiled, settings };
      const node = new AudioWorkletNode(context, 'listen', { processorOptions });
      // The ear of the other tests is not at this one.
      node.connect(context.destination);
      return (await context.startRendering()).getChannelData(0);
    };
    // The same round, once ducked to 20 % with ramps of 500 and 1,000 ms, once not at all.
    const ducked = await render([500, 1000, 20, 100, 1000]);
    const plain = await render([500, 1000, 100, 100, 1000]);
    const voiceless = await render([0, 0, 0, 0, 1000]);
    const gain = (ms: number) => {
      const at = Math.round((ms * rate) / 1000);
      let [with_, without] = [0, 0];
      for (let i = at; i < at + 480; i += 1) {
        with_ += Math.abs(ducked[i]! - voiceless[i]!);
        without += Math.abs(plain[i]! - voiceless[i]!);
      }
      return (100 * with_) / without;
    };
    // Speech begins at 1,200 ms and ends at 2,200 ms.
    return [600, 1445, 1900, 2695, 3400].map(gain);
  });
  // In the middle of a 10 ms window.
  const wanted = [100, 60, 20, 60, 100];
  for (const [i, level] of levels.entries()) expect(level).toBeCloseTo(wanted[i]!, -0.5);
});
