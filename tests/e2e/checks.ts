// What can be asked of any page in any state: is it accessible, does it fit, can everything be had.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What axe objects to, in words; by these rules alone when some are given. */
export async function objections(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  if (rules) axe.withRules(rules);
  const { violations } = await axe.analyze();
  return violations.flatMap((it) => it.nodes.map((node) => `${it.id}: ${node.html}\n${node.failureSummary}`));
}

/** What somebody can act on. */
const CONTROLS = 'a[href], button, input, select, [role=slider], [role=option], [tabindex="0"]:not([role=grid])';

/** What makes the page itself scroll sideways; nothing when it does not. */
export async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const clips = (it: Element) => getComputedStyle(it).overflowX !== 'visible';
    const wide = [...document.body.querySelectorAll('*')].filter((it) => {
      if (it.getBoundingClientRect().right <= innerWidth + 0.5) return false;
      for (let above = it.parentElement; above; above = above.parentElement) if (clips(above)) return false;
      return true;
    });
    return [`${document.documentElement.scrollWidth} px`, ...wide.map((it) => `${it.tagName} ${it.className}`)];
  });
}

/**
 * Controls that cannot be had: scrolled to, their middle lies outside the window or under something
 * else. `within` narrows what is asked of. With `hit`, also those that do not answer that many pixels around their middle, both ways.
 */
export async function unreachable(page: Page, hit = 0, within = 'body'): Promise<string[]> {
  return page.evaluate(
    ([selector, hit, within]) => {
      const found: string[] = [];
      for (const control of document.querySelector(within)!.querySelectorAll<HTMLElement>(selector)) {
        const style = getComputedStyle(control);
        const isThere = control.checkVisibility({ visibilityProperty: true }) && style.pointerEvents !== 'none';
        // Of what scrolls, the parts count.
        if (!isThere || control.matches('main') || control.querySelector(selector)) continue;
        control.scrollIntoView({ block: 'center', inline: 'center' });
        const box = control.getBoundingClientRect();
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        const answers = (right: number, down: number) => {
          const top = document.elementFromPoint(x + right, y + down);
          const isOpenList = top?.closest('.combobox-popup') != null;
          return top !== null && (control.contains(top) || isOpenList);
        };
        const takes = (right: number, down: number) => {
          const top = document.elementFromPoint(x + right, y + down);
          return top !== null && control.contains(top);
        };
        const name = `${control.tagName} ${control.getAttribute('aria-label') ?? control.textContent?.trim()}`;
        if (!answers(0, 0)) found.push(`${name}: covered or outside at ${Math.round(x)}, ${Math.round(y)}`);
        const half = hit / 2 - 1;
        const isLarge = box.width >= hit && box.height >= hit;
        const isRegion = box.width > innerWidth / 2 && box.height > hit;
        // A link within a sentence is as high as its line.
        const isInText = control.matches('a') && style.display === 'inline';
        if (hit === 0 || isLarge || isRegion || isInText) continue;
        const wide = box.width >= hit || (takes(-half, 0) && takes(half, 0));
        const high = box.height >= hit || (takes(0, -half) && takes(0, half));
        if (!wide || !high) found.push(`${name}: ${box.width.toFixed(0)} × ${box.height.toFixed(0)}`);
      }
      return found;
    },
    [CONTROLS, hit, within] as const,
  );
}
