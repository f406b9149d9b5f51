import path from "node:path";
import { app, session } from "electron";
import { defaultDataFolder } from "./host/disk/data-folder.ts";
import { createHost } from "./host/host.ts";
import { applicationFolder, resourcesFolder } from "./host/resources-folder.ts";
import { openIpcGate } from "./shell/ipc-gate.ts";
import { keyCipher } from "./shell/key-cipher.ts";
import {
  acceptOpenedFiles,
  claimSingleInstance,
  closeHostOnQuit,
  keepElectronFilesIn,
  quitWithWindow,
} from "./shell/lifecycle.ts";
import { followSettings, menuActions } from "./shell/menu-actions.ts";
import { guardEveryPage } from "./shell/navigation.ts";
import { OpenedImages } from "./shell/opened-images.ts";
import { denyAllPermissions } from "./shell/permissions.ts";
import { showProblem } from "./shell/problem.ts";
import { registerAppScheme, serveApp } from "./shell/protocol.ts";
import { spawnUtility, utilityEngineSpawner } from "./shell/spawn-utility.ts";
import { AppWindow } from "./shell/window.ts";

/** The desktop door: Electron's main process. Everything that answers the page is in place before the page exists. */
const dist = path.join(applicationFolder(), "dist");
const dataFolder = defaultDataFolder();
const window = new AppWindow({
  preload: path.join(dist, "preload", "preload.cjs"),
  developerTools: !app.isPackaged,
});
const opened = new OpenedImages(window);

async function openHoloscope(): Promise<void> {
  const host = await createHost({
    dataFolder,
    resourcesFolder: resourcesFolder(),
    spawnEngine: utilityEngineSpawner(path.join(dist, "engine", "engine.js")),
    spawnProgram: spawnUtility,
    appVersion: app.getVersion(),
    door: "desktop",
    cipher: keyCipher(),
  });
  closeHostOnQuit(host);
  denyAllPermissions(session.defaultSession);
  serveApp(session.defaultSession, path.join(dist, "renderer"), host);
  const push = openIpcGate({
    host,
    page: () => window.page,
    onSubscribed: (event) => opened.onSubscribed(event),
  });
  await followSettings(host, menuActions(host, push, window, opened));
  await window.open();
  await opened.connect(host, push);
}

keepElectronFilesIn(dataFolder);
app.enableSandbox();
registerAppScheme();
guardEveryPage();
acceptOpenedFiles(window, opened);
quitWithWindow();
if (claimSingleInstance(window, opened)) {
  app
    .whenReady()
    .then(openHoloscope)
    .catch(async (error: unknown) => {
      await showProblem(window.window, "Holoscope could not start", error);
      app.exit(1);
    });
} else {
  app.quit();
}
