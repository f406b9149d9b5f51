import path from "node:path";
import {
  type Detection,
  type EngineReply,
  type EngineRequest,
  engineMessageSchema,
  resolveSettings,
} from "../../app/contract/index.ts";
import { nodeEngineSpawner } from "../../app/host/engine/spawn-node.ts";
import { imageIdOf } from "./image-id.ts";

/**
 * Detects on a packed sample as the packaged app would: the packed engine, told where the resources are as Electron
 * tells it, in plain Node.
 * @param extracted the contents of the asar
 * @param resources the packaged application's resources folder
 */
export async function detectInPackedEngine(
  extracted: string,
  resources: string,
): Promise<{ readonly llamaCppRelease: string; readonly detections: readonly Detection[] }> {
  const preset = `Object.defineProperty(process, "resourcesPath", { value: ${JSON.stringify(resources)} });`;
  const child = nodeEngineSpawner({
    program: path.join(extracted, "dist/engine/engine.js"),
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(preset)}`],
  })();
  let output = "";
  child.onOutput((text) => {
    output += text;
  });
  const waiting = new Map<string, (reply: EngineReply) => void>();
  const ended = new Promise<never>((_resolve, reject) => {
    child.onExit(({ code, signal }) => reject(new Error(`The engine ended (${signal ?? code}):\n${output}`)));
  });
  // Killing it at the end is expected.
  ended.catch(() => {});
  child.onMessage((raw) => {
    const message = engineMessageSchema.parse(raw);
    if (message.type === "reply") waiting.get(message.id)?.(message.reply);
  });
  const ask = async <K extends EngineReply["kind"]>(request: EngineRequest, kind: K) => {
    const answered = new Promise<EngineReply>((resolve) => waiting.set(request.id, resolve));
    child.post(request);
    const reply = await Promise.race([answered, ended]);
    if (reply.kind !== kind) throw new Error(`${request.type} was answered with ${JSON.stringify(reply)}`);
    return reply as Extract<EngineReply, { kind: K }>;
  };

  try {
    const initialised = await ask({ type: "init", id: "init", backend: "cpu" }, "initialised");
    const nano = path.join(resources, "models/nano");
    const imagePath = path.join(resources, "samples/settings.png");
    const detected = await ask(
      {
        type: "detect",
        id: "detect",
        imageId: imageIdOf(imagePath),
        imagePath,
        pair: { modelPath: path.join(nano, "model.gguf"), mmprojPath: path.join(nano, "mmproj.gguf") },
        mode: "detect",
        settings: resolveSettings("balanced"),
      },
      "detected",
    );
    return { llamaCppRelease: initialised.value.llamaCppRelease, detections: detected.value.detections };
  } finally {
    child.kill();
  }
}
