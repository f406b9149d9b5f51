/** Scheme of the window's page and of the images it shows: the window never loads `file://` or the network. */
export const appScheme = "holoscope";
/** The only host of the scheme. */
export const appHost = "app";
/** Origin of the page as Chromium writes it. */
export const appOrigin = `${appScheme}://${appHost}`;
/** Address of the page. */
export const appPage = `${appOrigin}/index.html`;
/** Path under which stored images are served by id. */
export const imagePath = "/images/";

/**
 * True for addresses of our own page. Compared by parts: Node gives custom schemes the origin "null".
 * @param url an absolute address; anything that is none is not ours
 */
export function isAppAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === `${appScheme}:` && host === appHost && username === "" && password === "";
}
