import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { doctorText } from "../../app/cli/doctor-report.ts";
import { elementsTable } from "../../app/cli/elements-table.ts";
import { stagesTable } from "../../app/cli/stages-table.ts";
import { assumedScale } from "../../app/contract/index.ts";
import { makeReport } from "../../renderer/logic/export/report.ts";
import { stageRows } from "../../renderer/logic/stage-rows.ts";
import { EvidenceTables } from "../../renderer/views/doctor/EvidenceTables.tsx";
import { StageTable } from "../../renderer/views/timings/StageTable.tsx";
import { RecordingEnvironment } from "../cli/recording-environment.ts";
import { doctorReportFixture } from "../support/doctor-fixtures.ts";
import { makeRun } from "../support/run-fixtures.ts";

const { terminal } = new RecordingEnvironment();

/** The cells of the tables that a view shows, row by row, without marks and titles. */
function shownCells(view: ReactElement): string[][] {
  const rows = renderToStaticMarkup(view).match(/<tr.*?<\/tr>/gs) ?? [];
  return rows.map((row) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell = ""]) =>
      cell.replace(/<[^>]+>/g, "").replace("&lt;", "<"),
    ),
  );
}

/** The cells of a table on a terminal, which two spaces part. */
const printedCells = (text: string): string[][] => text.split("\n").map((line) => line.trim().split(/\s{2,}/));

describe("window and command line", () => {
  it("write the times, shares, tokens and speeds of stages alike", () => {
    const stages = { decode: 0.02, preprocess: 8.25, encode: 1724, prefill: 99.97, generate: 340.4, parse: 0.44 };
    const run = makeRun({ stages });
    const rows = stageRows(run.stages, run.totalMs, run.result?.tokens);
    const shown = shownCells(<StageTable rows={rows} running={false} />);
    const printed = printedCells(stagesTable(terminal, run));
    const figures = new Set<string>();
    for (const [name = "", time = "", share = "", tokens = "", rate = ""] of shown.slice(1)) {
      // A stage that was never run has no line on a terminal.
      if (time === "–") continue;
      const line = printed.find(([stage]) => stage === name.toLowerCase()) ?? [];
      expect(line.slice(1, 3), name).toEqual([time, share]);
      if (tokens !== "–") expect(line.at(-1)).toMatch(new RegExp(`^${tokens} .*, ${rate}/s$`));
      for (const figure of [time, share, rate]) figures.add(figure);
    }
    for (const figure of ["<0.1 ms", "1.72 s", "340 ms", "8.3 ms", "100 ms"]) expect(figures).toContain(figure);
  });

  it("write bytes and counts alike", () => {
    const report = doctorReportFixture();
    const printed = new Set(printedCells(doctorText(terminal, report)).flat());
    const figures = shownCells(<EvidenceTables report={report} />)
      .flat()
      .filter((cell) => /^[\d.,]+( [kMGT]?B)?$/.test(cell));
    expect(figures.filter((figure) => figure.endsWith("B")).length).toBeGreaterThan(5);
    expect(figures.filter((figure) => !printed.has(figure))).toEqual([]);
  });

  it("write boxes and confidences alike", () => {
    const run = makeRun({ boxes: [{ bbox: [10, 20.25, 43.26, 60], confidence: 0.9999 }] });
    const table = makeReport([run], { title: "Report", now: run.createdAt }).tables.find(
      ({ title }) => title === "Elements of A",
    );
    const [, , , x, y, width, height, confidence] = table?.rows[0] ?? [];
    const [, printed = []] = printedCells(elementsTable(terminal, run.detections, assumedScale));
    expect([x, y, width, height, confidence]).toEqual(["10", "20.3", "33.3", "39.8", "0.99"]);
    expect(printed.join(" ").split(/ +/)).toEqual(expect.arrayContaining([x, y, width, height, confidence]));
  });
});
