import { describe, expect, it } from "vitest";
import { type DeviceTypes, isMmprojName, orderMmprojs } from "../../../app/host/models/mmproj-choice.ts";
import { quantisationOf } from "../../../app/host/models/quantisation.ts";

const file = (path: string) => ({ path, quantisation: quantisationOf(path) });
const order = async (paths: readonly string[], model?: string, device: DeviceTypes = () => undefined) =>
  (await orderMmprojs(paths.map(file), model, async () => device)).map(({ path }) => path);

describe("which mmproj to take", () => {
  it("f16 before q8_0 before bf16 before f32 before others", async () => {
    const paths = ["mmproj-BF16.gguf", "mmproj-F32.gguf", "mmproj.gguf", "mmproj-Q8_0.gguf", "mmproj-fp16.gguf"];
    const best = ["mmproj-fp16.gguf", "mmproj-Q8_0.gguf", "mmproj-BF16.gguf", "mmproj-F32.gguf", "mmproj.gguf"];
    expect(await order(paths)).toEqual(best);
    expect(await order(paths, "m-Q4_K_M.gguf")).toEqual(best);
  });

  it("does not follow the model's own type", async () => {
    const paths = ["mmproj-m-BF16.gguf", "mmproj-m-F16.gguf"];
    expect(await order(paths, "m-BF16.gguf")).toEqual(["mmproj-m-F16.gguf", "mmproj-m-BF16.gguf"]);
  });

  it("unless the device says otherwise", async () => {
    const paths = ["mmproj-Q8_0.gguf", "mmproj-BF16.gguf", "mmproj-F32.gguf"];
    const says =
      (support: ReturnType<DeviceTypes>): DeviceTypes =>
      (type) =>
        type === "bf16" ? support : "native";
    expect((await order(paths, undefined, says("native")))[0]).toBe("mmproj-BF16.gguf");
    expect((await order(paths, undefined, says("converted")))[0]).toBe("mmproj-Q8_0.gguf");
    expect((await order(paths, undefined, says("unsupported"))).at(-1)).toBe("mmproj-BF16.gguf");
  });

  it("asks the device only where its answer can matter", async () => {
    const never = () => Promise.reject(new Error("asked"));
    await orderMmprojs(["mmproj-F16.gguf", "mmproj-BF16.gguf"].map(file), undefined, never);
    await orderMmprojs(["mmproj-a-BF16.gguf", "mmproj-b-BF16.gguf"].map(file), undefined, never);
    await expect(orderMmprojs(["mmproj-Q8_0.gguf", "mmproj-BF16.gguf"].map(file), undefined, never)).rejects.toThrow();
  });

  it("takes the one of the same model before a better type, and the nearest folder before both", async () => {
    const paths = ["mmproj-Big-7B-F16.gguf", "mmproj-Big-3B-BF16.gguf"];
    expect((await order(paths, "Big-3B-Q4_K_M.gguf"))[0]).toBe("mmproj-Big-3B-BF16.gguf");
    const folders = ["other/mmproj-m-F16.gguf", "mmproj-m-F16.gguf", "Q8_0/mmproj-m-BF16.gguf"];
    expect(await order(folders, "Q8_0/m-Q8_0.gguf")).toEqual([
      "Q8_0/mmproj-m-BF16.gguf",
      "mmproj-m-F16.gguf",
      "other/mmproj-m-F16.gguf",
    ]);
  });

  it.each([
    ["mmproj.gguf", true],
    ["a/Model.BF16-MMPROJ.gguf", true],
    ["mm-proj-x.gguf", true],
    ["mmproj/model.gguf", false],
  ])("%s is one by its name: %s", (name, expected) => {
    expect(isMmprojName(name)).toBe(expected);
  });
});
