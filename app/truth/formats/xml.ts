import { type DocumentElement, type DocumentImage, invalidTruth, type ReadImages, Skips } from "../document.ts";
import { firstText, isRecord, listOf, looseBox, looseNumbers, looseSize } from "../loose.ts";
import { boxAround, corners } from "../shapes.ts";
import type { Reading } from "../units.ts";
import { detectorLabel } from "./names.ts";

/** An element of XML as fast-xml-parser gives it: attributes and children by name, text under "#text". */
type Node = Readonly<Record<string, unknown>>;

const pxCorners: readonly Reading[] = [{ form: "xyxy", unit: { of: "px" } }];

export type XmlFormat = "voc" | "cvat" | "uiautomator";

/** By its outermost element what kind of truth an XML document is. */
export function xmlFormat(document: Node): XmlFormat | undefined {
  if (isRecord(document.hierarchy)) return "uiautomator";
  if ("annotations" in document) return "cvat";
  return "annotation" in document ? "voc" : undefined;
}

export function readXml(document: Node, format: XmlFormat): ReadImages {
  if (format === "uiautomator") return readUiAutomator(document.hierarchy);
  return format === "cvat" ? readCvat(document.annotations) : readVoc(document.annotation);
}

/** Pascal VOC: one file for each image, corners in px. */
function readVoc(root: unknown): ReadImages {
  const annotation = isRecord(root) ? root : {};
  const skips = new Skips();
  const elements = listOf(annotation.object).flatMap((object): readonly DocumentElement[] => {
    const box = isRecord(object) && isRecord(object.bndbox) ? object.bndbox : {};
    const numbers = looseBox([box.xmin, box.ymin, box.xmax, box.ymax]);
    if (!isRecord(object) || numbers === undefined) {
      skips.add("without a usable box");
      return [];
    }
    return [{ label: firstText(object.name), box: numbers }];
  });
  const names = [annotation.filename, annotation.path]
    .map((name) => firstText(name))
    .filter((name) => name !== undefined);
  const size = isRecord(annotation.size) ? looseSize(annotation.size.width, annotation.size.height) : undefined;
  return { images: [{ names, size, readings: pxCorners, elements, skipped: skips.list() }] };
}

/** Shapes of CVAT for images 1.1, by the name of their element; [x1, y1, x2, y2] in px. */
const cvatShapes: Readonly<Record<string, (shape: Node) => ReturnType<typeof looseBox>>> = {
  box: ({ xtl, ytl, xbr, ybr }) => looseBox([xtl, ytl, xbr, ybr]),
  polygon: ({ points }) => pointsBox(points),
  polyline: ({ points }) => pointsBox(points),
  cuboid: ({ xtl1, ytl1, xbr1, ybr1 }) => looseBox([xtl1, ytl1, xbr1, ybr1]),
  ellipse: ({ cx, cy, rx, ry }) => {
    const [x = 0, y = 0, radiusX, radiusY] = looseNumbers([cx, cy, rx, ry], 4) ?? [];
    return radiusX === undefined || radiusY === undefined
      ? undefined
      : corners(x - radiusX, y - radiusY, 2 * radiusX, 2 * radiusY);
  },
  mask: ({ left, top, width, height }) => {
    const [x = 0, y = 0, w, h] = looseNumbers([left, top, width, height], 4) ?? [];
    return w === undefined || h === undefined ? undefined : corners(x, y, w, h);
  },
};

/** "x,y;x,y" */
function pointsBox(points: unknown) {
  const flat = looseNumbers(typeof points === "string" ? points.split(/[;,]/) : undefined, 4);
  return flat === undefined ? undefined : boxAround(flat);
}

function readCvat(root: unknown): ReadImages {
  const annotations = isRecord(root) ? root : {};
  const skips = new Skips();
  skips.add("of a video", listOf(annotations.track).length);
  const images = listOf(annotations.image).flatMap((image): readonly DocumentImage[] => {
    if (!isRecord(image)) return [];
    const own = new Skips();
    const elements = Object.entries(cvatShapes).flatMap(([name, boxOf]) =>
      listOf(image[name]).flatMap((shape): readonly DocumentElement[] => {
        const box = isRecord(shape) ? boxOf(shape) : undefined;
        if (!isRecord(shape) || box === undefined) {
          own.add("without a usable box");
          return [];
        }
        return [{ label: firstText(shape.label), text: attributeOf(shape, "text"), box }];
      }),
    );
    own.add("with points only", listOf(image.points).length);
    const name = firstText(image.name);
    const names = name === undefined ? [] : [name];
    return [{ names, size: looseSize(image.width, image.height), readings: pxCorners, elements, skipped: own.list() }];
  });
  if (images.length === 0) {
    throw invalidTruth(
      "This CVAT file has no images.",
      'Export as "CVAT for images 1.1"; the form for videos is not read.',
    );
  }
  return { images, skipped: skips.list() };
}

function attributeOf(shape: Node, name: string): string | undefined {
  const attribute = listOf(shape.attribute).find((each) => isRecord(each) && each.name === name);
  return isRecord(attribute) ? firstText(attribute["#text"]) : undefined;
}

/** "[x1,y1][x2,y2]" */
const bounds = /^\[(-?\d{1,7}),(-?\d{1,7})\]\[(-?\d{1,7}),(-?\d{1,7})\]$/;

/** Attributes of a node that say that a user can act on it. */
const actions = ["clickable", "checkable", "long-clickable"] as const;

/**
 * Android's UI hierarchy (`uiautomator dump`): nested nodes with bounds in px of the screen. A node is an element if a
 * user can press it, if it says something, or if nothing is inside it; what only arranges others is counted.
 */
function readUiAutomator(root: unknown): ReadImages {
  const elements: DocumentElement[] = [];
  const skips = new Skips();
  const visit = (node: Node): void => {
    const inside = listOf(node.node).filter(isRecord);
    for (const child of inside) visit(child);
    if (node.bounds === undefined) return;
    const box = looseBox(bounds.exec(String(node.bounds))?.slice(1));
    const text = firstText(node.text, node["content-desc"]);
    const pressed = actions.some((action) => node[action] === "true");
    const [label] = firstText(node.class)?.split(".").slice(-1) ?? [];
    if (box === undefined) skips.add("without a usable box");
    else if (inside.length > 0 && text === undefined && !pressed) skips.add("only containing others");
    else elements.push({ label: detectorLabel(label), text, box });
  };
  if (isRecord(root)) visit(root);
  return { images: [{ names: [], readings: pxCorners, elements, skipped: skips.list() }] };
}
