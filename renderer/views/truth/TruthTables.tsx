import { useMemo } from "react";
import { formatCount, plural } from "../../model/format.ts";
import { labelText } from "../../model/label-colors.ts";
import { figureMeanings, figureNames, figureOrder, formatFigure } from "../../model/truth/figure-text.ts";
import {
  type Counts,
  type MeanMetrics,
  type Metrics,
  macroMean,
  measure,
  measureLabels,
} from "../../model/truth/metrics.ts";
import { type MeasuredImages, measuredImages } from "../../store/truth-selectors.ts";
import { outcomes } from "../../store/truth-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { outcomeTexts } from "./outcome-texts.ts";
import { TruthRule } from "./TruthRule.tsx";
import styles from "./TruthTables.module.css";

/** Metrics of all open images that have ground truth: by image, by label, together and as means. */
export default function TruthTables() {
  const commands = useCommands();
  const { measured, withoutRun } = useApp(measuredImages);
  const close = () => commands.truth.showTables(false);
  return (
    <Dialog
      open
      onOpenChange={close}
      title="Measured with ground truth"
      description={scopeText(measured.length, withoutRun.length)}
      size="large"
      testId="truth-tables"
    >
      <TruthRule />
      <ImageTable measured={measured} />
      <LabelTable measured={measured} />
      <p className={styles.note}>
        Together counts each element the same (micro); a mean counts each image, or each label, the same (macro). A dash
        is a figure without a meaning, such as precision where nothing was detected; means leave it out.
      </p>
    </Dialog>
  );
}

function scopeText(measured: number, withoutRun: number): string {
  const missing = withoutRun === 0 ? "" : ` ${plural(withoutRun, "image")} with ground truth have no finished run yet.`;
  return `${plural(measured, "open image")} with ground truth, each by the run that is shown.${missing}`;
}

function ImageTable({ measured }: Pick<MeasuredImages, "measured">) {
  const commands = useCommands();
  const rows = useMemo(() => measured.map(({ image, match }) => ({ image, metrics: measure([match]) })), [measured]);
  const together = useMemo(() => measure(measured.map(({ match }) => match)), [measured]);
  return (
    <table className={styles.table} data-testid="truth-images">
      <caption className={styles.caption}>By image</caption>
      <Head first="Image" />
      <tbody>
        {rows.map(({ image, metrics }) => (
          <tr key={image.id} data-testid="truth-image-row">
            <th scope="row">
              <button
                type="button"
                className={styles.link}
                onClick={() => {
                  commands.selectImage(image.id);
                  commands.truth.showTables(false);
                }}
              >
                {image.name ?? "Pasted image"}
              </button>
            </th>
            <CountCells counts={metrics} />
            <FigureCells figures={metrics} />
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr data-testid="truth-micro">
          <th scope="row">Together (micro)</th>
          <CountCells counts={together} />
          <FigureCells figures={together} />
        </tr>
        <MeanRow name="Mean of images (macro)" rows={rows.map(({ metrics }) => metrics)} testId="truth-macro" />
      </tfoot>
    </table>
  );
}

function LabelTable({ measured }: Pick<MeasuredImages, "measured">) {
  const rows = useMemo(() => measureLabels(measured.map(({ match }) => match)), [measured]);
  return (
    <table className={styles.table} data-testid="truth-labels">
      <caption className={styles.caption}>By label</caption>
      <Head first="Label" />
      <tbody>
        {rows.map(({ label, ...metrics }) => (
          <tr key={label} data-testid="truth-label-row">
            <th scope="row">{labelText(label)}</th>
            <CountCells counts={metrics} />
            <FigureCells figures={metrics} />
          </tr>
        ))}
      </tbody>
      <tfoot>
        <MeanRow name="Mean of labels (macro)" rows={rows} testId="truth-label-macro" />
      </tfoot>
    </table>
  );
}

function Head({ first }: { readonly first: string }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {outcomes.map((outcome) => (
          <th key={outcome} scope="col" title={outcomeTexts[outcome].meaning}>
            {outcomeTexts[outcome].name}
          </th>
        ))}
        {figureOrder.map((name) => (
          <th key={name} scope="col" title={figureMeanings[name]}>
            {figureNames[name]}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function CountCells({ counts }: { readonly counts: Counts }) {
  return outcomes.map((outcome) => <td key={outcome}>{formatCount(counts[outcome])}</td>);
}

function FigureCells({ figures }: { readonly figures: MeanMetrics }) {
  return figureOrder.map((name) => <td key={name}>{formatFigure(figures[name])}</td>);
}

function MeanRow(props: { readonly name: string; readonly rows: readonly Metrics[]; readonly testId: string }) {
  return (
    <tr data-testid={props.testId}>
      <th scope="row">{props.name}</th>
      {outcomes.map((outcome) => (
        <td key={outcome} />
      ))}
      <FigureCells figures={macroMean(props.rows)} />
    </tr>
  );
}
