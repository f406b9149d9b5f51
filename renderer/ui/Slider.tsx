import { Slider as Radix } from "radix-ui";
import styles from "./Slider.module.css";

interface SliderProps {
  /** Names it for screen readers; show a label beside it. */
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value as it is read out, with its unit. */
  readonly valueText?: string;
  readonly testId?: string;
  readonly onChange: (value: number) => void;
}

/** One value on a track: arrows, Page keys, Home and End move it. */
export function Slider({ label, value, min, max, step, valueText, testId, onChange }: SliderProps) {
  return (
    <Radix.Root
      className={styles.slider}
      value={[value]}
      min={min}
      max={max}
      step={step}
      onValueChange={([chosen]) => chosen !== undefined && onChange(chosen)}
    >
      <Radix.Track className={styles.track}>
        <Radix.Range className={styles.range} />
      </Radix.Track>
      <Radix.Thumb className={styles.thumb} aria-label={label} aria-valuetext={valueText} data-testid={testId} />
    </Radix.Root>
  );
}
