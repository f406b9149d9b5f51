import { useMemo } from "react";
import type { BBox, Detection } from "../../../app/contract/index.ts";
import { elementColor, inkOn, labelText } from "../../../app/presentation/labels.ts";
import { formatPx } from "../../../app/presentation/numbers.ts";
import { type PlacedTag, placeTags, type TagRequest } from "../../../app/presentation/tags.ts";
import { confidenceSourceTexts, confidenceText } from "../../../app/presentation/texts.ts";
import type { Viewport, ViewSize } from "../../logic/canvas/viewport.ts";
import { cx } from "../../ui/cx.ts";
import type { TextMeasure } from "./measure-text.ts";
import styles from "./TagLayer.module.css";

/** CSS px; must match TagLayer.module.css. */
const tagHeight = 16;
const tagPadding = 8;
const fullLineHeight = 16;
const fullPadding = { x: 14, y: 4 };

interface TagLayerProps {
  /** Of the font that the layer's container has. */
  readonly measure: TextMeasure;
  readonly viewport: Viewport;
  readonly view: ViewSize;
  readonly detections: readonly Detection[];
  readonly below: ReadonlySet<string>;
  /** Short labels of all elements, as far as there is room. */
  readonly showAll: boolean;
  readonly selected: Detection | undefined;
  readonly hovered: Detection | undefined;
}

/** Labels beside the boxes, placed for the viewport at rest so that none covers another. */
export function TagLayer(props: TagLayerProps) {
  const { measure, viewport, view, detections, below, showAll, selected, hovered } = props;
  const placed = useMemo(() => {
    const full = selected === undefined ? [] : [fullRequest(selected, viewport, measure)];
    const rest = showAll ? byConfidence(detections).filter((each) => each !== selected) : [];
    const short = rest.map((each) => ({
      id: each.id,
      bbox: toView(each.bbox, viewport),
      width: measure.width(labelText(each.label)) + tagPadding,
      height: tagHeight,
    }));
    return placeTags([...full, ...short], view);
  }, [measure, viewport, view, detections, showAll, selected]);
  const hoverPlace =
    hovered === undefined || hovered === selected ? [] : placeTags([fullRequest(hovered, viewport, measure)], view);

  const placeOf = ({ area: [left, top] }: PlacedTag) => ({ left: left - viewport.x, top: top - viewport.y });
  const byId = useMemo(() => new Map(detections.map((each) => [each.id, each])), [detections]);
  return (
    <>
      {placed.map((tag) => {
        const { id } = tag;
        const detection = id === selected?.id ? selected : byId.get(id);
        if (detection === undefined) return null;
        return detection === selected ? (
          <FullTag key={id} detection={detection} place={placeOf(tag)} />
        ) : (
          <ShortTag key={id} detection={detection} below={below.has(id)} place={placeOf(tag)} />
        );
      })}
      {hovered !== undefined &&
        hoverPlace.map((tag) => <FullTag key="hovered" detection={hovered} place={placeOf(tag)} />)}
    </>
  );
}

interface TagProps {
  readonly detection: Detection;
  readonly place: { readonly left: number; readonly top: number };
}

function ShortTag({ detection, below, place }: TagProps & { readonly below: boolean }) {
  const color = elementColor(detection);
  return (
    <div
      className={cx(styles.tag, below && styles.below)}
      style={{ ...place, backgroundColor: color, color: inkOn(color) }}
      data-testid="label-tag"
      data-element={detection.id}
    >
      {labelText(detection.label)}
    </div>
  );
}

function FullTag({ detection, place }: TagProps) {
  const color = elementColor(detection);
  return (
    <div
      className={cx(styles.tag, styles.full)}
      style={{ ...place, backgroundColor: color, color: inkOn(color) }}
      data-testid="element-tag"
      data-element={detection.id}
    >
      {fullLines(detection).map((line) => (
        <span key={line}>{line}</span>
      ))}
    </div>
  );
}

/** Label with confidence and where that comes from; size and place. */
function fullLines(detection: Detection): readonly string[] {
  const { label, confidenceSource } = detection;
  const [x1, y1, x2, y2] = detection.bbox;
  return [
    `${labelText(label)} · ${confidenceText(detection)} ${confidenceSourceTexts[confidenceSource]}`,
    `${formatPx(x2 - x1)} × ${formatPx(y2 - y1)} px at ${formatPx(x1)}, ${formatPx(y1)}`,
  ];
}

function fullRequest(detection: Detection, viewport: Viewport, measure: TextMeasure): TagRequest {
  const lines = fullLines(detection);
  return {
    id: detection.id,
    bbox: toView(detection.bbox, viewport),
    width: Math.ceil(Math.max(...lines.map((line) => measure.width(line)))) + fullPadding.x,
    height: lines.length * fullLineHeight + fullPadding.y,
    mayHide: Number.POSITIVE_INFINITY,
  };
}

function toView([x1, y1, x2, y2]: BBox, { x, y, scale }: Viewport): BBox {
  return [x1 * scale + x, y1 * scale + y, x2 * scale + x, y2 * scale + y];
}

function byConfidence(detections: readonly Detection[]): readonly Detection[] {
  return [...detections].sort((a, b) => b.confidence - a.confidence);
}
