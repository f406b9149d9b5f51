export * from "./answer-template.ts";
export * from "./built-in.ts";
export * from "./declaration.ts";
export * from "./presets.ts";
