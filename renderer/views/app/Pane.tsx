import { type ReactNode, useEffect, useRef, useState } from "react";
import { cx } from "../../ui/cx.ts";
import { Splitter } from "../../ui/Splitter.tsx";
import styles from "./Pane.module.css";

interface PaneProps {
  readonly edge: "left" | "top";
  /** What is resized: "Width of the results". */
  readonly label: string;
  readonly open: boolean;
  /** CSS px; null lets the pane choose. */
  readonly size: number | null;
  readonly min: number;
  /** Largest share of the window, 0..1. */
  readonly maxShare: number;
  readonly testId: string;
  readonly onChange: (change: { readonly open?: boolean; readonly size?: number | null }) => void;
  readonly children: ReactNode;
}

/** A part of the window whose size the user sets by its edge, and which can be closed. */
export function Pane({ edge, label, open, size, min, maxShare, testId, onChange, children }: PaneProps) {
  const pane = useRef<HTMLDivElement>(null);
  const [measured, setMeasured] = useState(0);
  useEffect(() => {
    if (pane.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const box = entry?.borderBoxSize[0];
      if (box !== undefined) setMeasured(edge === "left" ? box.inlineSize : box.blockSize);
    });
    observer.observe(pane.current);
    return () => observer.disconnect();
  }, [edge]);
  const share = `${maxShare * 100}${edge === "left" ? "vw" : "vh"}`;
  const style =
    edge === "left" ? { width: size ?? undefined, maxWidth: share } : { height: size ?? undefined, maxHeight: share };
  return (
    <div
      ref={pane}
      className={cx(styles.pane, styles[edge], !open && styles.closed, open && size === null && styles.automatic)}
      style={open ? style : undefined}
    >
      {open && children}
      <Splitter
        edge={edge}
        label={label}
        value={open ? measured : 0}
        min={min}
        max={maxShare * (edge === "left" ? window.innerWidth : window.innerHeight)}
        testId={testId}
        onResize={(px) => onChange({ open: true, size: px })}
        onToggle={() => onChange({ open: !open })}
        onReset={() => onChange({ open: true, size: null })}
      />
    </div>
  );
}
