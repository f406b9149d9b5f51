import { app, shell, type WebContents } from "electron";

/** Hosts whose pages may be opened in the user's browser: where Holoscope and models come from. */
const externalHosts: readonly string[] = ["github.com", "huggingface.co", "www.electronjs.org"];

/** True for https addresses of {@link externalHosts} without credentials or a port. */
export function mayOpenExternally(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username, password } = new URL(url);
  return protocol === "https:" && port === "" && username === "" && password === "" && externalHosts.includes(hostname);
}

/** Opens an allowed address in the user's browser; any other does nothing. */
export function openExternally(url: string): void {
  if (mayOpenExternally(url)) void shell.openExternal(url);
}

/** Prevents the page from leaving its address, opening windows and embedding other pages. */
function guardNavigation(contents: WebContents): void {
  contents.on("will-navigate", (event) => event.preventDefault());
  contents.on("will-frame-navigate", (event) => event.preventDefault());
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternally(url);
    return { action: "deny" };
  });
}

/** Guards every page from its creation, including developer tools and pages that nobody expected. */
export function guardEveryPage(): void {
  app.on("web-contents-created", (_event, contents) => guardNavigation(contents));
}
