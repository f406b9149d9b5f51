import { Toast as Radix } from "radix-ui";
import type { Toast } from "../../store/toasts-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import styles from "./Toasts.module.css";

/** ms until a toast goes; the time stands still while the pointer or the focus is on it. */
const plainDuration = 4000;
const undoDuration = 10_000;

/** What was just done, with the way back. F8 moves the focus here. */
export function Toasts() {
  const toasts = useApp((state) => state.toasts.list);
  return (
    <Radix.Provider swipeDirection="down" label="Message">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
      <Radix.Viewport className={styles.viewport} label="Messages ({hotkey})" />
    </Radix.Provider>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const { undo } = useCommands();
  return (
    <Radix.Root
      className={styles.toast}
      duration={toast.undoId === undefined ? plainDuration : undoDuration}
      data-testid="toast"
      onOpenChange={(open) => !open && undo.dismissToast(toast.id)}
    >
      <Radix.Description className={styles.text}>{toast.text}</Radix.Description>
      {toast.undoId !== undefined && (
        <Radix.Action asChild altText="Undo with Ctrl Z or Cmd Z">
          <Button look="quiet" className={styles.undo} onClick={() => void undo.undo(toast.undoId)}>
            Undo
          </Button>
        </Radix.Action>
      )}
      <Radix.Close asChild>
        <IconButton icon="close" label="Dismiss" className={styles.close} />
      </Radix.Close>
    </Radix.Root>
  );
}
