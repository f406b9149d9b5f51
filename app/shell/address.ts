/** Scheme of the window's page and its images: the window never loads `file://` or from the network. */
export const appScheme = "holoscope";
/** The only host of the scheme. */
const appHost = "app";
/** Origin of the page in Chromium's notation. */
const appOrigin = `${appScheme}://${appHost}`;
/** Address of the page. */
export const appPage = `${appOrigin}/index.html`;
/** Path under which stored images are served by id. */
export const imagePath = "/images/";

/**
 * Whether an address is one of our own page. Compares the parts, since Node's origin of custom schemes is "null".
 * @param url an absolute address; false for anything else
 */
export function isAppAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === `${appScheme}:` && host === appHost && username === "" && password === "";
}
