import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";

/** Small benchmarks in the shapes of the published ones, drawn by us. */

type Box = readonly [x: number, y: number, width: number, height: number];

/** Buttons and checkboxes that a detector finds, px of a screen of 640 x 400. */
export const drawnSize = { width: 640, height: 400 } as const;
export const drawn = {
  button: [40, 320, 160, 48],
  checkboxes: [
    [40, 120, 24, 24],
    [40, 180, 24, 24],
    [40, 240, 24, 24],
  ],
} as const satisfies { button: Box; checkboxes: readonly Box[] };

function svgOf(seed: number): string {
  const [x, y, width, height] = drawn.button;
  const rows = drawn.checkboxes.map(
    ([left, top, side]) =>
      `<rect x="${left}" y="${top}" width="${side}" height="${side}" rx="4" fill="#fff" stroke="#667" stroke-width="2"/>` +
      `<text x="${left + 36}" y="${top + 18}" font-family="sans-serif" font-size="16" fill="#223">Option ${top + seed}</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${drawnSize.width}" height="${drawnSize.height}">` +
    `<rect width="100%" height="100%" fill="#f4f5f8"/><text x="40" y="70" font-family="sans-serif" font-size="28">Page ${seed}</text>` +
    `${rows.join("")}<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="#1d62d8"/>` +
    `<text x="${x + 50}" y="${y + 31}" font-family="sans-serif" font-size="18" fill="#fff">Save ${seed}</text></svg>`
  );
}

/** Writes a drawn screen; each seed is another file. */
export async function writeScreen(file: string, seed: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(
    file,
    await sharp(Buffer.from(svgOf(seed)))
      .png()
      .toBuffer(),
  );
}

export const corners = ([x, y, width, height]: Box): [number, number, number, number] => [x, y, x + width, y + height];

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(value));
}

const asked = [
  { instruction: "the button", box: drawn.button, type: "text" },
  { instruction: "the second checkbox", box: drawn.checkboxes[1], type: "icon" },
] as const;

/** ScreenSpot's layout: a file for each platform beside a folder of images. Two items for each of `screens`. */
export async function writeScreenSpot(folder: string, version: "v1" | "v2", screens = 1): Promise<void> {
  const images = version === "v2" ? "screenspotv2_image" : "screenspot_imgs";
  for (const [at, [platform, source]] of [
    ["mobile", "ios"],
    ["desktop", "windows"],
    ["web", "shop"],
  ].entries()) {
    const entries = [];
    for (let screen = 0; screen < screens; screen++) {
      const name = `${platform}_${screen}.png`;
      await writeScreen(path.join(folder, images, name), 10 * screen + at);
      for (const { instruction, box, type } of asked) {
        entries.push({ img_filename: name, bbox: box, instruction, data_type: type, data_source: source });
      }
    }
    await writeJson(path.join(folder, `screenspot_${platform}${version === "v2" ? "_v2" : ""}.json`), entries);
  }
}

/** ScreenSpot-Pro's layout: annotations/<application>.json and images/<application>/. */
export async function writeScreenSpotPro(folder: string): Promise<void> {
  for (const [at, [application, group]] of [
    ["autocad_windows", "CAD"],
    ["vscode_macos", "Dev"],
  ].entries()) {
    const image = `${application}/screenshot 1.png`;
    await writeScreen(path.join(folder, "images", image), 100 + at);
    const entries = asked.map(({ instruction, box, type }, index) => ({
      img_filename: image,
      bbox: corners(box),
      instruction,
      instruction_cn: "",
      id: `${application}_${index}`,
      application,
      platform: "windows",
      img_size: [drawnSize.width, drawnSize.height],
      ui_type: type,
      group,
    }));
    await writeJson(path.join(folder, "annotations", `${application}.json`), entries);
  }
}

/** OSWorld-G's layout: both instructions' files, the categories and images/. */
export async function writeOsworldG(folder: string): Promise<void> {
  await writeScreen(path.join(folder, "images", "A.png"), 200);
  const common = { image_path: "A.png", image_size: [drawnSize.width, drawnSize.height], GUI_types: ["Button"] };
  const [x1, y1, x2, y2] = corners(drawn.checkboxes[1]);
  const items = [
    { id: "A-0", ...common, instruction: "the button", box_type: "bbox", box_coordinates: drawn.button },
    {
      id: "A-1",
      ...common,
      instruction: "the second checkbox",
      box_type: "polygon",
      box_coordinates: [x1, y1, x2, y1, x2, y2, x1, y2],
    },
    { id: "A-2", ...common, instruction: "the slider", box_type: "refusal", box_coordinates: [0, 0, 0, 0] },
  ];
  await writeJson(path.join(folder, "OSWorld-G.json"), items);
  await writeJson(path.join(folder, "OSWorld-G_refined.json"), items);
  await writeJson(path.join(folder, "classification_result.json"), {
    classified: {
      text_matching: [{ id: "A-0" }],
      fine_grained_manipulation: [{ id: "A-0" }, { id: "A-1" }],
      refusal: [{ id: "A-2" }],
    },
  });
}

/** A truth file of Holoscope's own, of one screen. */
export async function writeOwn(folder: string): Promise<void> {
  await writeScreen(path.join(folder, "screens", "own.png"), 300);
  await writeJson(path.join(folder, "truth.json"), {
    schema: "holoscope.truth",
    version: 1,
    images: [
      {
        name: "own.png",
        ...drawnSize,
        elements: [
          { label: "button", text: "the button", bbox: corners(drawn.button) },
          ...drawn.checkboxes.map((box) => ({ label: "checkbox", bbox: corners(box) })),
        ],
      },
    ],
  });
}
