/** Set by vite from package.json; absent when the sources run without a bundle, as in tests. */
declare const __HOLOSCOPE_VERSION__: string | undefined;

export const appVersion = typeof __HOLOSCOPE_VERSION__ === "string" ? __HOLOSCOPE_VERSION__ : "0.0.0-source";
