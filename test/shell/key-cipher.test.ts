import { afterEach, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { keyCipher } from "../../app/shell/key-cipher.ts";
import { safeStorage } from "../mocks/electron.ts";

afterEach(() => safeStorage.isEncryptionAvailable.mockReturnValue(true));

it("opens what it sealed, and nothing else", () => {
  const cipher = keyCipher();
  const sealed = cipher?.seal("a key");
  expect(sealed).not.toContain("a key");
  expect(cipher?.open(sealed ?? "")).toBe("a key");
  expect(cipher?.open("bm90IHNlYWxlZA==")).toBeUndefined();
});

it("is none where the system has no store for it", () => {
  safeStorage.isEncryptionAvailable.mockReturnValue(false);
  expect(keyCipher()).toBeUndefined();
});
