/** Time and chance as the pool needs them; tests have a clock of their own. */
export interface Clock {
  /** ms since some fixed moment. */
  now(): number;
  /** Calls back once after so many ms; returns what takes that back. */
  after(ms: number, callback: () => void): () => void;
  /** From 0 up to, but not, 1. */
  random(): number;
}

export const realClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
