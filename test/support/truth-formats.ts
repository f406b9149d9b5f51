/** A page of our own drawing, 1280 x 800 px, as many tools would write it down. */
export const page = { name: "page.png", width: 1280, height: 800 } as const;

export interface PageElement {
  readonly label: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const row = (y: number): readonly PageElement[] => [
  { label: "text", text: `Name ${y}`, x: 20, y, w: 60.5, h: 16 },
  { label: "input", text: "", x: 100, y: y - 8, w: 240, h: 32 },
  { label: "button", text: "Save", x: 360.25, y: y - 6, w: 62, h: 28 },
  { label: "link", text: "More & <more>", x: 1100, y, w: 80, h: 16 },
];
export const pageElements: readonly PageElement[] = [
  { label: "heading", text: "Settings", x: 20, y: 30.5, w: 1240, h: 33 },
  ...row(120),
  ...row(420),
  ...row(720),
];

/** [x1, y1, x2, y2] in px. */
export const pageBoxes = pageElements.map(({ x, y, w, h }) => [x, y, x + w, y + h] as const);

const xywh = ({ x, y, w, h }: PageElement) => [x, y, w, h];
const xyxy = ({ x, y, w, h }: PageElement) => [x, y, x + w, y + h];
const parts = (numbers: readonly number[], of: number) =>
  numbers.map((number, index) => (number * of) / (index % 2 === 0 ? page.width : page.height));
const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const labels = [...new Set(pageElements.map(({ label }) => label))];
const idOf = (label: string) => labels.indexOf(label) + 1;

/** COCO of the page; `annotation` changes each entry, `file` the whole. */
export function coco(
  annotation: (entry: Record<string, unknown>, index: number) => Record<string, unknown> = (entry) => entry,
  file: (value: Record<string, unknown>) => unknown = (value) => value,
): string {
  return JSON.stringify(
    file({
      images: [{ id: 1, width: page.width, height: page.height, file_name: page.name }],
      categories: labels.map((name) => ({ id: idOf(name), name })),
      annotations: pageElements.map((element, index) =>
        annotation(
          { id: index + 1, image_id: 1, category_id: idOf(element.label), bbox: xywh(element), iscrowd: 0 },
          index,
        ),
      ),
    }),
  );
}

const cocoNamed = (file_name: string) =>
  coco(undefined, (file) => ({ ...file, images: [{ id: 1, width: page.width, height: page.height, file_name }] }));
const third = (change: Record<string, unknown>) =>
  coco((entry, index) => (index === 2 ? { ...entry, ...change } : entry));
const list = (entry: (element: PageElement) => unknown) => JSON.stringify(pageElements.map(entry));
const polygon = ({ x, y, w, h }: PageElement) => [x, y, x + w, y, x + w, y + h, x, y + h];

/** Run lengths of a filled box, column by column. */
function runLengths(x: number, y: number, w: number, h: number): readonly number[] {
  const columns = Array.from({ length: w - 1 }, () => [page.height - h, h]).flat();
  const end = page.width * page.height - ((x + w - 1) * page.height + y + h);
  return [x * page.height + y, h, ...columns, end];
}

/** The compressed text of run lengths, as pycocotools writes it; made for the test from its description. */
function compressed(runs: readonly number[]): string {
  let text = "";
  for (const [index, run] of runs.entries()) {
    let value = index > 2 ? run - (runs[index - 2] ?? 0) : run;
    for (let more = true; more; ) {
      const bits = value & 31;
      value >>= 5;
      more = (bits & 16) !== 0 ? value !== -1 : value !== 0;
      text += String.fromCharCode(48 + (bits | (more ? 32 : 0)));
    }
  }
  return text;
}

const whole = (element: PageElement) =>
  [Math.floor(element.x), Math.floor(element.y), Math.ceil(element.w), Math.ceil(element.h)] as const;
const mask = (counts: (runs: readonly number[]) => unknown) =>
  coco(({ bbox: _none, ...entry }, index) => {
    const element = pageElements[index];
    if (element === undefined) throw new Error("no element");
    return {
      ...entry,
      segmentation: { size: [page.height, page.width], counts: counts(runLengths(...whole(element))) },
    };
  });

const dom = (field: string, box: (element: PageElement) => unknown) =>
  list((element) => ({ tag: element.label, text: element.text, [field]: box(element) }));
const domRect = ({ x, y, w, h }: PageElement) => ({ x, y, width: w, height: h });

const labelStudioRegion = (element: PageElement) => {
  const [x, y, width, height] = parts(xywh(element), 100);
  return {
    original_width: page.width,
    original_height: page.height,
    value: { x, y, width, height, rotation: 0, rectanglelabels: [element.label] },
    type: "rectanglelabels",
  };
};

export interface TruthCase {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  /** Name of the open image, where it is not the page's own. */
  readonly image?: string;
  /** Elements that are left out, by their index. */
  readonly without?: readonly number[];
  /** px that a box may be off: formats of whole px. */
  readonly off?: number;
  /** What is skipped, in words. */
  readonly skipped?: RegExp;
  /** The elements come in another order than the page's. */
  readonly anyOrder?: true;
  /** The file does not name the image, or not so that it could be known: it is given by hand. */
  readonly byHand?: true;
}

/** Every file here has the boxes of the page. */
export const readable: readonly TruthCase[] = [
  { what: "COCO", file: "a.json", text: coco() },
  { what: "COCO, image_id as text", file: "a.json", text: coco((entry) => ({ ...entry, image_id: "1" })) },
  {
    what: "COCO, category_id as text",
    file: "a.json",
    text: coco((e) => ({ ...e, category_id: String(e.category_id) })),
  },
  {
    what: "COCO, all ids as texts",
    file: "a.json",
    text: coco(
      (entry) => ({ ...entry, id: "x", image_id: "0a-uuid" }),
      (file) => ({ ...file, images: [{ id: "0a-uuid", file_name: page.name }] }),
    ),
  },
  {
    what: "COCO, size as texts",
    file: "a.json",
    text: coco(undefined, (f) => ({ ...f, images: [{ id: 1, width: "1280", height: "800", file_name: page.name }] })),
  },
  {
    what: "COCO, size null",
    file: "a.json",
    text: coco(undefined, (f) => ({ ...f, images: [{ id: 1, width: null, height: null, file_name: page.name }] })),
  },
  {
    what: "COCO, boxes as texts",
    file: "a.json",
    text: coco((e) => ({ ...e, bbox: (e.bbox as number[]).map(String) })),
  },
  { what: "COCO, null texts and flags", file: "a.json", text: coco((e) => ({ ...e, text: null, iscrowd: null })) },
  {
    what: "COCO, one empty box",
    file: "a.json",
    text: third({ bbox: [] }),
    without: [2],
    skipped: /1 without a usable box/,
  },
  { what: "COCO, one null box", file: "a.json", text: third({ bbox: null }), without: [2], skipped: /1 without/ },
  {
    what: "COCO, one negative box",
    file: "a.json",
    text: third({ bbox: [10, 10, -5, 8] }),
    without: [2],
    skipped: /1 with a box of negative size/,
  },
  {
    what: "COCO, one box without area",
    file: "a.json",
    text: third({ bbox: [9, 9, 0, 0] }),
    without: [2],
    skipped: /1 without area/,
  },
  {
    what: "COCO, one annotation that is no object",
    file: "a.json",
    text: coco(undefined, (f) => ({ ...f, annotations: [null, ...(f.annotations as unknown[])] })),
    skipped: /1 without an image_id/,
  },
  {
    what: "COCO, one crowd region",
    file: "a.json",
    text: third({ iscrowd: 1, segmentation: { counts: [1, 2], size: [800, 1280] } }),
    without: [2],
    skipped: /1 marked as crowd/,
  },
  {
    what: "COCO, polygons alone",
    file: "a.json",
    text: coco(({ bbox: _none, ...entry }, index) => {
      const element = pageElements[index];
      return { ...entry, segmentation: element === undefined ? [] : [polygon(element)] };
    }),
  },
  { what: "COCO, run lengths alone", file: "a.json", text: mask((runs) => runs), off: 1 },
  { what: "COCO, compressed run lengths alone", file: "a.json", text: mask(compressed), off: 1 },
  {
    what: "COCO, one image listed twice",
    file: "a.json",
    anyOrder: true,
    text: coco(
      (entry, index) => ({ ...entry, image_id: (index % 2) + 1 }),
      (file) => ({
        ...file,
        images: [1, 2].map((id) => ({ id, width: page.width, height: page.height, file_name: page.name })),
      }),
    ),
  },
  {
    what: "COCO, some annotations of unknown images",
    file: "a.json",
    text: third({ image_id: 99 }),
    without: [2],
    skipped: /1 of images that the file does not list/,
  },
  {
    what: "COCO without images",
    file: "a.json",
    text: coco(undefined, ({ images: _none, ...file }) => file),
    byHand: true,
  },
  {
    what: "COCO, images as one object",
    file: "a.json",
    text: coco(undefined, (f) => ({ ...f, images: { id: 1, file_name: page.name } })),
  },
  {
    what: "COCO, an address in place of a name",
    file: "a.json",
    text: coco(undefined, (f) => ({ ...f, images: [{ id: 1, coco_url: "http://x/page.png?sig=1" }] })),
  },
  {
    what: "COCO, a Windows path with a prefix",
    file: "a.json",
    text: cocoNamed("..\\..\\upload\\4\\cb0618f6-page.png"),
  },
  {
    what: "COCO, Roboflow's name",
    file: "a.json",
    text: cocoNamed("page_png.rf.3d2f1c0b9a8e7d6c5b4a39281706f5e4.jpg"),
  },
  { what: "COCO, a name without extension", file: "a.json", text: cocoNamed("page") },
  {
    what: "COCO, a name in percent-encoding",
    file: "a.json",
    text: cocoNamed("a/my%20shot.png"),
    image: "my shot.png",
  },
  { what: "COCO, a decomposed name", file: "a.json", text: cocoNamed("a/u\u0308bung.png"), image: "\u00fcbung.png" },
  { what: "COCO, another name", file: "a.json", text: cocoNamed("elsewhere.png"), byHand: true },
  { what: "COCO with a byte order mark", file: "a.json", text: `\ufeff${coco()}` },
  { what: "COCO with NaN", file: "a.json", text: coco().replace('"iscrowd":0', '"iscrowd":0,"area":NaN') },
  { what: "COCO with a trailing comma", file: "a.json", text: coco().replace(/\}$/, ",}") },
  {
    what: "COCO results",
    file: "r.json",
    text: list((e) => ({ image_id: 1, category_id: 1, bbox: xywh(e), score: 0.9 })),
    byHand: true,
  },
  {
    what: "ScreenSpot",
    file: "s.json",
    text: list((e) => ({ img_filename: page.name, bbox: xywh(e), instruction: e.text })),
  },
  {
    what: "ScreenSpot, corners in px",
    file: "s.json",
    text: list((e) => ({ img_filename: page.name, bbox: xyxy(e), instruction: e.text })),
  },
  {
    what: "ScreenSpot as JSONL, corners as fractions",
    file: "s.jsonl",
    text: pageElements
      .map((e) => `${JSON.stringify({ file_name: page.name, bbox: parts(xyxy(e), 1), instruction: e.text })}\n`)
      .join(""),
  },
  {
    what: "ScreenSpot-Pro",
    file: "s.json",
    text: list((e) => ({ img_filename: page.name, bbox: xyxy(e), img_size: [1280, 800], ui_type: e.label })),
  },
  {
    what: "OSWorld-G",
    file: "o.json",
    text: list((e) => ({
      image_path: page.name,
      image_size: [1280, 800],
      box_type: e.label === "link" ? "polygon" : "bbox",
      box_coordinates: e.label === "link" ? polygon(e) : xywh(e),
    })),
  },
  {
    what: "OmniParser",
    file: "o.json",
    text: list((e) => ({ type: "icon", bbox: parts(xyxy(e), 1), interactivity: true, content: e.text })),
    byHand: true,
  },
  {
    what: "Qwen2.5-VL",
    file: "q.json",
    text: `\`\`\`json\n${list((e) => ({ bbox_2d: xyxy(e), label: e.label }))}\n\`\`\``,
    byHand: true,
  },
  {
    what: "YOLO",
    file: "page.txt",
    text: pageElements
      .map((e) => [labels.indexOf(e.label), ...parts([e.x + e.w / 2, e.y + e.h / 2, e.w, e.h], 1)].join(" "))
      .join("\r\n"),
  },
  {
    what: "YOLO polygons",
    file: "page.txt",
    text: pageElements.map((e) => [0, ...parts(polygon(e), 1)].join(" ")).join("\n"),
  },
  {
    what: "Pascal VOC",
    file: "v.xml",
    text: `<annotation><filename>page.png</filename><size><width>1280</width><height>800</height></size>${pageElements
      .map((e) => {
        const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = xyxy(e).map(Math.trunc);
        return `<object><name>${e.label}</name><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`;
      })
      .join("")}</annotation>`,
    off: 1,
  },
  {
    what: "CVAT for images",
    file: "c.xml",
    anyOrder: true,
    text: `<?xml version="1.0"?><annotations><image id="0" name="page.png" width="1280" height="800">${pageElements
      .map((e) => {
        const [x1, y1, x2, y2] = xyxy(e);
        return e.label === "link"
          ? `<polygon label="link" points="${x1},${y1};${x2},${y1};${x2},${y2}"/>`
          : `<box label="${e.label}" xtl="${x1}" ytl="${y1}" xbr="${x2}" ybr="${y2}"><attribute name="text">${xml(e.text)}</attribute></box>`;
      })
      .join("")}</image></annotations>`,
  },
  {
    what: "Label Studio",
    file: "l.json",
    text: JSON.stringify([
      {
        id: 1,
        data: { ui: "/data/upload/1/cb0618f6-page.png" },
        annotations: [{ result: pageElements.map(labelStudioRegion) }],
      },
    ]),
  },
  {
    what: "Label Studio, JSON-MIN",
    file: "l.json",
    text: JSON.stringify([
      {
        image: "/data/local-files/?d=shots/page.png",
        label: pageElements.map((e) => {
          const { value, ...region } = labelStudioRegion(e);
          return { ...region, ...value };
        }),
      },
    ]),
  },
  {
    what: "LabelMe",
    file: "m.json",
    text: JSON.stringify({
      version: "5.0.1",
      flags: {},
      shapes: pageElements.map((e) => ({
        label: e.label,
        points: [
          [e.x, e.y],
          [e.x + e.w, e.y + e.h],
        ],
        shape_type: "rectangle",
      })),
      imagePath: page.name,
      imageHeight: 800,
      imageWidth: 1280,
    }),
  },
  ...[false, true].map((project) => {
    const image = {
      filename: page.name,
      size: 1,
      regions: pageElements.map((e) => ({
        shape_attributes: { name: "rect", ...domRect(e) },
        region_attributes: { label: e.label },
      })),
    };
    const images = { "page.png1": project ? image : { ...image, regions: { ...image.regions } } };
    return {
      what: project ? "VIA 2, a project" : "VIA 1, regions as an object",
      file: "via.json",
      text: JSON.stringify(project ? { _via_settings: {}, _via_img_metadata: images } : images),
    };
  }),
  {
    what: "UIAutomator",
    file: "window_dump.xml",
    text: `<?xml version='1.0'?><hierarchy rotation="0"><node class="android.widget.FrameLayout" text="" bounds="[0,0][1280,800]">${pageElements
      .map((e) => {
        const [x1, y1, x2, y2] = xyxy(e).map(Math.round);
        return `<node class="android.widget.Button" text="${xml(e.text)}" clickable="true" bounds="[${x1},${y1}][${x2},${y2}]"/>`;
      })
      .join("")}</node></hierarchy>`,
    off: 1,
    skipped: /1 only containing others/,
    byHand: true,
  },
  { what: "DOM with boundingBox", file: "d.json", text: dom("boundingBox", domRect), byHand: true },
  { what: "DOM with rect", file: "d.json", text: dom("rect", domRect), byHand: true },
  {
    what: "DOM with a DOMRect's edges",
    file: "d.json",
    text: dom("boundingClientRect", ({ x, y, w, h }) => ({ left: x, top: y, right: x + w, bottom: y + h })),
    byHand: true,
  },
  {
    what: "DOM beside the image of the same name",
    file: "page.dom.json",
    text: JSON.stringify({ deviceScaleFactor: 1, elements: JSON.parse(dom("boundingBox", domRect)) }),
  },
  {
    what: "/parse answer",
    file: "p.json",
    text: JSON.stringify({
      elements: pageElements.map((e, index) => ({
        bbox: xywh(e),
        center: [0, 0],
        type: e.label,
        caption: e.label,
        confidence: 0.5,
        element_id: index + 1,
      })),
      image_size: { width: 1280, height: 800 },
    }),
    byHand: true,
  },
  { what: "a list of boxes", file: "b.json", text: list((e) => ({ bbox: xywh(e), label: e.label })), byHand: true },
];

/** Files that are refused, and the sentence that says why. */
export const refused: readonly {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly why: RegExp;
}[] = [
  { what: "an empty object", file: "a.json", text: "{}", why: /no ground truth that Holoscope knows/ },
  { what: "a list of words", file: "a.json", text: '["eggs"]', why: /no ground truth that Holoscope knows/ },
  { what: "a text", file: "a.txt", text: "Dear diary", why: /no ground truth that Holoscope knows/ },
  { what: "an empty file", file: "a.json", text: "", why: /no ground truth that Holoscope knows/ },
  { what: "JSON that was cut off", file: "a.json", text: coco().slice(0, 500), why: /not valid JSON: line 1, column/ },
  {
    what: "COCO whose annotations are all of other images",
    file: "a.json",
    text: coco((entry) => ({ ...entry, image_id: 99 })),
    why: /No annotation belongs to an image of the file: image_id is 99, the images have 1/,
  },
  {
    what: "COCO without one usable box",
    file: "a.json",
    text: coco((e) => ({ ...e, bbox: [1, 2] })),
    why: /13 without a usable box/,
  },
  {
    what: "a later version",
    file: "a.json",
    text: '{"schema":"holoscope.truth","version":2,"images":[]}',
    why: /at version/,
  },
  { what: "CVAT for videos", file: "a.xml", text: '<annotations><track id="0"/></annotations>', why: /no images/ },
  { what: "other XML", file: "a.xml", text: "<svg/>", why: /no ground truth that Holoscope knows/ },
  {
    what: "XML with a document type",
    file: "a.xml",
    text: '<!DOCTYPE a [<!ENTITY b "c">]><annotation/>',
    why: /document type/,
  },
  { what: "XML that ends early", file: "a.xml", text: "<annotation><object", why: /not valid XML/ },
  { what: "XML that is too deep", file: "a.xml", text: `<hierarchy>${"<node>".repeat(5000)}`, why: /not valid XML/ },
];
