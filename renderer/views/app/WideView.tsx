import type { ReactNode } from "react";
import { viewCatalogue } from "../../logic/commands/catalogue.ts";
import { useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { cx } from "../../ui/cx.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import styles from "./WideView.module.css";

interface WideViewProps {
  readonly title: string;
  /** Name of the whole view for screen readers; the title if left out. */
  readonly label?: string;
  /** What the view is about, or how far it is: one line beside the title. */
  readonly about: ReactNode;
  /** Controls at the right, before the one that closes. */
  readonly actions?: ReactNode;
  readonly closeLabel: string;
  /** How the head meets what is below: "ruled" with a line between, "joined" to a row of controls. */
  readonly head?: "ruled" | "joined";
  readonly testId: string;
  readonly children: ReactNode;
}

/** The frame of a view beside the image: title, controls, and the ways back, by button and by key. */
export function WideView(props: WideViewProps) {
  const commands = useCommands();
  const back = () => commands.showScreen("image");
  useRegisteredCommands([{ ...viewCatalogue.back, run: back }]);
  return (
    <section className={styles.view} aria-label={props.label ?? props.title} data-testid={props.testId}>
      <header className={cx(styles.head, props.head && styles[props.head])}>
        <h2 className={styles.title}>{props.title}</h2>
        <div className={styles.about}>{props.about}</div>
        <span className="grow" />
        {props.actions}
        <IconButton icon="close" label={props.closeLabel} onClick={back} />
      </header>
      {props.children}
    </section>
  );
}
