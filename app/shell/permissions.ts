import type { Session } from "electron";

/**
 * Denies everything a page can ask for: camera, clipboard reading, notifications, devices and so on. Holoscope's page
 * needs none of it. Requests and checks are separate handlers in Electron, and so are devices; all of them must say no.
 */
export function denyAllPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}
