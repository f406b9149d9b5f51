import { expect, it } from "vitest";
import { detectRequestSchema, profiles, settingsSchema } from "../../../app/contract/index.ts";
import { settingsOf } from "../../../app/host/runs/record.ts";

const minConfidence = { speed: 0.5, balanced: 0.4, quality: 0.15 };
const minimum = (request: object, settings: object, model: Parameters<typeof settingsOf>[2]) =>
  settingsOf(
    detectRequestSchema.parse({ imageId: "x", ...request }),
    settingsSchema.parse({ profile: "quality", ...settings }),
    model,
  ).settings.minConfidence;

it("takes the profile's minimum confidence from the model, if its file names one", () => {
  expect(minimum({}, {}, { minConfidence })).toBe(0.15);
  expect(minimum({ profile: "speed" }, {}, { minConfidence })).toBe(0.5);
  expect(minimum({}, {}, {})).toBe(profiles.quality.minConfidence);
});

it("lets what the user set stand, even where it is the profile's own value", () => {
  expect(minimum({}, { overrides: { minConfidence: 0.2 } }, { minConfidence })).toBe(0.2);
  expect(minimum({ overrides: { minConfidence: 0 } }, { overrides: { minConfidence: 0.2 } }, { minConfidence })).toBe(
    0,
  );
  expect(minimum({ overrides: { maxDetections: 5 } }, {}, { minConfidence })).toBe(0.15);
});
