/** Whether the window is on a Mac, where Cmd takes Ctrl's place. */
export const onMac: boolean = typeof navigator !== "undefined" && /mac/i.test(navigator.platform);
