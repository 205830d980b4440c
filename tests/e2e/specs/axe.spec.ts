// axe finds nothing to object to, on any view, in light and in dark.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '../fixtures.ts';
import { open, VIEWS } from '../panel.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const view of VIEWS) {
      test(`${view} is accessible`, async ({ page }) => {
        await open(page, view);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.map((it) => `${it.id}: ${it.help}\n${it.nodes.map((node) => node.html).join('\n')}`);
        expect(found).toEqual([]);
      });
    }
  });
}
