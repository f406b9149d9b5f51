import { formatMs, plural } from "../../../app/presentation/numbers.ts";
import { stagesIn } from "../../../app/presentation/stages.ts";
import { stageTexts } from "../../../app/presentation/texts.ts";
import { provenance } from "../../logic/provenance.ts";
import { noiseMethod, noiseOf, noiseText } from "../../logic/statistics/noise.ts";
import { counts, type Figures, figuresOf, unmeasuredText, wholeTotals } from "../../logic/statistics/run-figures.ts";
import type { RepeatSeries } from "../../store/repeat-slice.ts";
import { useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Table } from "../../ui/Table.tsx";
import styles from "./RepeatResult.module.css";

/** Median and spread of a series that has ended. */
export default function RepeatResult({ series }: { readonly series: RepeatSeries }) {
  const commands = useCommands();
  const measured = series.records.filter(counts);
  const figures = figuresOf(measured);
  const noise = noiseOf(wholeTotals(measured));
  const [first] = measured;
  return (
    <section className={styles.result} aria-label="Result of the repetition" data-testid="repeat-result">
      <h3 className={styles.title}>
        {outcome(series, measured.length)}
        <IconButton
          icon="close"
          label="Put the result away"
          title="Put the result away; the runs stay"
          onClick={() => commands.repeat.dismiss()}
        />
      </h3>
      {first !== undefined && (
        <>
          <Table className={styles.table} heads={["Stage", "Median", "p5 – p95", "Runs"]}>
            {stagesIn(measured).map((stage) => (
              <FiguresRow key={stage} name={stageTexts[stage].name} id={stage} figures={figures.stages[stage]} />
            ))}
            <FiguresRow name="Total" id="total" figures={figures.total} />
          </Table>
          <p className={styles.noise} data-verdict={noise.verdict} data-testid="noise" title={noiseMethod}>
            {noise.verdict === "noisy" && <Icon name="warning" />}
            <span>{noiseText(noise)}</span>
          </p>
          <details className={styles.method}>
            <summary>How this is judged</summary>
            <p>{noiseMethod}</p>
          </details>
          <p className="soft">
            {provenance(first)}; {plural(measured.length, "run")}
            {series.records.length > measured.length && ", the warm-up left out"}.
          </p>
        </>
      )}
      {measured.length >= 2 && (
        <Button onClick={() => void commands.compare.open(measured.map(({ id }) => id))}>Compare these runs</Button>
      )}
    </section>
  );
}

function FiguresRow({ name, id, figures }: { readonly name: string; readonly id: string; readonly figures: Figures }) {
  const { measured } = figures;
  const unmeasured = unmeasuredText(figures);
  if (measured === undefined && unmeasured === "") return null;
  return (
    <tr data-testid="repeat-row" data-stage={id}>
      <th scope="row">{name}</th>
      <td>{measured === undefined ? "not measured" : formatMs(measured.median)}</td>
      <td>{measured === undefined ? "" : `${formatMs(measured.p5)} – ${formatMs(measured.p95)}`}</td>
      <td>
        {measured?.n ?? 0}
        {unmeasured !== "" && ` (${unmeasured})`}
      </td>
    </tr>
  );
}

function outcome(series: RepeatSeries, measured: number): string {
  switch (series.status) {
    case "done":
    case "running":
      return `${plural(measured, "run")} measured`;
    case "cancelled":
      return `Cancelled after ${measured} of ${series.of} runs`;
    case "failed":
      return `Failed after ${measured} of ${series.of} runs`;
  }
}
