/** Time and chance as the pool needs them; tests have a clock of their own. */
export interface Clock {
  /** ms since some fixed moment. */
  now(): number;
  /** Calls back once after so many ms; returns what takes that back. */
  after(ms: number, callback: () => void): () => void;
  /** From 0 up to, but not, 1. */
  random(): number;
}

/** Longest time that a timer takes, ms: with more it goes off at once. What is due later is looked at once more then. */
const longestTimer = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(ms, longestTimer));
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
