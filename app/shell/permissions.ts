import type { Session } from "electron";

/**
 * Denies everything a page can ask for: camera, clipboard reading, notifications, devices and so on. Holoscope's page
 * needs none of it. Electron has separate handlers for requests, checks and devices; all of them must deny.
 */
export function denyAllPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}
