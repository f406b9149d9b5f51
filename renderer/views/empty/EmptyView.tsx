import type { ImageRef } from "../../../app/contract/index.ts";
import { useApp, useCommands, useImageUrl } from "../../store/use-app.tsx";
import { Icon } from "../../ui/Icon.tsx";
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
          Holoscope marks the interface elements that the model sees and measures each stage of the work. Everything
          runs on this machine.
        </p>
        <ul className={styles.ways}>
          <li>Drop one or many files</li>
          <li>
            Paste with <kbd>Ctrl V</kbd> or <kbd>⌘ V</kbd>
          </li>
          <li>
            Open with <kbd>O</kbd>
          </li>
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
