// What a fader costs while a hand moves it, by real input: the time of script, and of all that the
// page's own thread does, for one move of the pointer.

/** Moves of one run; at 60 frames a second it takes 5 seconds. */
const MOVES = 300;

/** Pixels from one move to the next, and how far a hand goes before it turns. */
const STEP_PX = 3;
const REACH_PX = 90;

/** @typedef {{ script: number, thread: number }} Cost Microseconds for one move. */

/** A page with a slider, on which a hand can drag. */
export class Hand {
  #page;
  #slider;
  #cdp;

  /**
   * @param {import('@playwright/test').Page} page
   * @param {import('@playwright/test').Locator} slider
   * @param {import('@playwright/test').CDPSession} cdp
   */
  constructor(page, slider, cdp) {
    this.#page = page;
    this.#slider = slider;
    this.#cdp = cdp;
  }

  /**
   * @param {import('@playwright/test').Page} page
   * @param {import('@playwright/test').Locator} slider
   */
  static async on(page, slider) {
    const cdp = await page.context().newCDPSession(page);
    // The thread's own clock stands still while another program has the processor.
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    return new Hand(page, slider, cdp);
  }

  /**
   * One drag.
   * @returns {Promise<Cost>}
   */
  async drag() {
    await this.#page.bringToFront();
    await this.#slider.scrollIntoViewIfNeeded();
    const box = await this.#slider.boundingBox();
    if (!box) throw new Error('the slider is not on the page');
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    await this.#page.mouse.move(x, y);
    await this.#page.mouse.down();
    const before = await this.#times();
    for (let move = 1; move <= MOVES; move += 1) await this.#move(x, y + offset(move));
    const after = await this.#times();
    await this.#page.mouse.up();
    const each = (/** @type {number} */ seconds) => (seconds * 1e6) / MOVES;
    return {
      script: each(after.ScriptDuration - before.ScriptDuration),
      thread: each(after.TaskDuration - before.TaskDuration),
    };
  }

  /**
   * Moves the pressed pointer. Playwright's own mouse would run a script in the page for every move.
   * @param {number} x
   * @param {number} y
   */
  async #move(x, y) {
    await this.#cdp.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y, button: 'left', buttons: 1 });
  }

  async #times() {
    const { metrics } = await this.#cdp.send('Performance.getMetrics');
    const value = (/** @type {string} */ name) => {
      const found = metrics.find((it) => it.name === name);
      if (!found) throw new Error(`the browser does not measure ${name}`);
      return found.value;
    };
    return { ScriptDuration: value('ScriptDuration'), TaskDuration: value('TaskDuration') };
  }
}

/**
 * Where the hand is after so many moves: down and up between the ends of its reach.
 * @param {number} move
 */
function offset(move) {
  const way = (move * STEP_PX + REACH_PX) % (4 * REACH_PX);
  return (way < 2 * REACH_PX ? way : 4 * REACH_PX - way) - REACH_PX;
}
