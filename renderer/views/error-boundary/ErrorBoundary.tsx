import { Component, type ReactNode } from "react";
import { Button } from "../../ui/Button.tsx";
import { copyText } from "../../ui/copy-text.ts";
import styles from "./ErrorBoundary.module.css";

interface State {
  readonly error: Error | undefined;
}

/** Shows a defect of the window itself instead of an empty page. Runs and images are safe with the host. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override readonly state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const details = `Holoscope ${__HOLOSCOPE_VERSION__}\n${navigator.userAgent}\n${error.stack ?? error.message}`;
    return (
      <main className={styles.page} role="alert" data-testid="defect">
        <h1 className={styles.title}>The window met a defect</h1>
        <p>Images and finished runs are stored and safe. Reload the window; if it happens again, report the details.</p>
        <pre className={styles.details}>{details}</pre>
        <p className={styles.actions}>
          <Button look="primary" onClick={() => location.reload()}>
            Reload
          </Button>
          <Button onClick={() => void copyText(details)}>Copy details</Button>
        </p>
      </main>
    );
  }
}
