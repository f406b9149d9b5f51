import { lazy, Suspense, useId, useState } from "react";
import { type RepeatSeries, repeatLimits } from "../../store/repeat-slice.ts";
import { detectBlocker } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/Checkbox.tsx";
import styles from "./RepeatPanel.module.css";

const RepeatResult = lazy(() => import("./RepeatResult.tsx"));

/** Repeats the detection of an image with the present choices, and shows what came of it. */
export function RepeatPanel({ imageId }: { readonly imageId: string }) {
  const series = useApp((state) => state.repeat.series);
  if (series?.status === "running") return <RepeatProgress series={series} />;
  return (
    <>
      <RepeatForm imageId={imageId} />
      {series?.imageId === imageId && (
        <Suspense fallback={null}>
          <RepeatResult series={series} />
        </Suspense>
      )}
    </>
  );
}

function RepeatForm({ imageId }: { readonly imageId: string }) {
  const commands = useCommands();
  const blocker = useApp(detectBlocker);
  const [count, setCount] = useState<string>(String(repeatLimits.usual));
  const [warmup, setWarmup] = useState(true);
  const id = useId();
  const valid = /^\d+$/.test(count) && Number(count) >= repeatLimits.min && Number(count) <= repeatLimits.max;
  return (
    <form
      className={styles.form}
      aria-label="Repeat the detection"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid && blocker === undefined) void commands.repeat.start(imageId, Number(count), warmup);
      }}
    >
      <Button type="submit" disabled={!valid || blocker !== undefined} title={blocker} data-testid="repeat-button">
        Repeat
      </Button>
      <input
        id={id}
        type="number"
        className={styles.count}
        min={repeatLimits.min}
        max={repeatLimits.max}
        value={count}
        aria-invalid={!valid}
        data-testid="repeat-count"
        onChange={(event) => setCount(event.target.value)}
      />
      <label htmlFor={id}>times</label>
      <span title="One run before the others that does not count: it fills caches">
        <Checkbox checked={warmup} testId="repeat-warmup" onChange={setWarmup}>
          warm up first
        </Checkbox>
      </span>
      {!valid && (
        <p className={styles.invalid} role="alert">
          A whole number from {repeatLimits.min} to {repeatLimits.max}.
        </p>
      )}
    </form>
  );
}

/** How far a series has got, and its end at will. */
function RepeatProgress({ series }: { readonly series: RepeatSeries }) {
  const commands = useCommands();
  const done = series.records.length;
  const text = done < series.warmups ? "Warming up" : `Run ${done - series.warmups + 1} of ${series.of}`;
  return (
    <div className={styles.progress} data-testid="repeat-progress">
      <span role="status">{text}</span>
      <progress className={styles.bar} max={series.warmups + series.of} value={done} aria-label="Finished runs" />
      <Button look="danger" data-testid="repeat-cancel" onClick={() => void commands.repeat.cancel()}>
        Cancel
      </Button>
    </div>
  );
}
