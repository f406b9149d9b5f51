import { safeStorage } from "electron";
import type { Cipher } from "../host/endpoints/keys.ts";

/**
 * Seals keys with the operating system's own store: Keychain, DPAPI, or the desktop's key ring. undefined where there is
 * none; keys then lie in a file that only the user may read. Source: Electron's document "safeStorage".
 */
export function keyCipher(): Cipher | undefined {
  if (!safeStorage.isEncryptionAvailable()) return undefined;
  return {
    seal: (text) => safeStorage.encryptString(text).toString("base64"),
    open: (sealed) => {
      try {
        return safeStorage.decryptString(Buffer.from(sealed, "base64"));
      } catch {
        // Of another user or another machine: the user is asked for the key again.
        return undefined;
      }
    },
  };
}
