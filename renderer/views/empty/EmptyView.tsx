import type { ImageRef } from "../../../app/contract/index.ts";
import { catalogue } from "../../logic/commands/catalogue.ts";
import { useApp, useCommands, useImageUrl } from "../../store/use-app.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Keys } from "../../ui/Keys.tsx";
import styles from "./EmptyView.module.css";

/** What a first visitor sees: what to do, and something to try it with. */
export function EmptyView() {
  const samples = useApp((state) => state.images.samples);
  return (
    <section className={styles.empty} aria-label="Start" data-testid="empty-state">
      <div className={styles.frame}>
        <span className={styles.icon}>
          <Icon name="image" />
        </span>
        <h2 className={styles.title}>Drop a screenshot</h2>
        <p className={styles.text}>
          One or many images, a folder, or a run file from another machine. Holoscope marks the interface elements that
          the model sees and measures each stage of the work. Everything runs on this machine.
        </p>
        <ul className={styles.ways}>
          <Way text="Paste" chord="Mod+V" />
          <Way text="Open" chord="O" />
          <Way text="Find a command" chord={catalogue.palette.keys?.[0]} />
          <Way text="All keys" chord={catalogue.shortcuts.keys?.[0]} />
        </ul>
      </div>
      {samples.length > 0 && (
        <div className={styles.samples}>
          <h3 className={styles.heading}>Or try a sample</h3>
          <ul className={styles.list}>
            {samples.map((sample) => (
              <Sample key={sample.id} image={sample} />
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** Something to do and its keys. */
function Way({ text, chord }: { readonly text: string; readonly chord: string | undefined }) {
  return (
    <li className={styles.way}>
      {text} {chord !== undefined && <Keys chord={chord} />}
    </li>
  );
}

function Sample({ image }: { readonly image: ImageRef }) {
  const commands = useCommands();
  const url = useImageUrl(image.id);
  return (
    <li>
      <button type="button" className={styles.sample} data-testid="sample" onClick={() => commands.openImages([image])}>
        <img className={styles.picture} src={url} alt="" draggable={false} />
        <span>{image.name ?? "Sample"}</span>
        <span className={styles.size}>
          {image.width} × {image.height} px
        </span>
      </button>
    </li>
  );
}
