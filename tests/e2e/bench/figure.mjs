// A figure of a benchmark: the median of some runs, with the lowest and the highest.

/** @typedef {{ what: string, unit: string, median: number, low: number, high: number, runs: number }} Figure */

/**
 * @param {string} what
 * @param {string} unit
 * @param {number[]} values
 * @returns {Figure}
 */
export function figure(what, unit, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ index) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { what, unit, median, low: at(0), high: at(sorted.length - 1), runs: sorted.length };
}
