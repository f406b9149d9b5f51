const textInputs = new Set(["text", "search", "number", "email", "url", "password"]);

/** Whether plain keys belong to the focused control because it takes text or a choice by its first letter. */
export function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return textInputs.has(target.type);
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}

/** Whether the focus lies in a layer above the window, which has the keys to itself. */
export function inOpenLayer(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
}
