import { describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { denyAllPermissions } from "../../app/shell/permissions.ts";
import { FakeSession } from "../mocks/electron.ts";

/** Electron's Session has far more than the handlers under test. */
const asSession = (session: FakeSession): Electron.Session => session as unknown as Electron.Session;

describe("permissions", () => {
  it("are denied when asked for, when checked, for devices and for screen capture", () => {
    const session = new FakeSession();
    denyAllPermissions(asSession(session));

    const answer = vi.fn();
    session.setPermissionRequestHandler.mock.calls[0]?.[0]({}, "media", answer);
    expect(answer.mock.calls).toEqual([[false]]);
    expect(session.setPermissionCheckHandler.mock.calls[0]?.[0]({}, "clipboard-read", "holoscope://app")).toBe(false);
    expect(session.setDevicePermissionHandler.mock.calls[0]?.[0]({ deviceType: "usb" })).toBe(false);

    const streams = vi.fn();
    session.setDisplayMediaRequestHandler.mock.calls[0]?.[0]({}, streams);
    expect(streams.mock.calls).toEqual([[{}]]);
  });
});
