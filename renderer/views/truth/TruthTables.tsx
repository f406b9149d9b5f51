import { type ReactNode, useMemo } from "react";
import { labelText } from "../../../app/presentation/labels.ts";
import { formatCount, plural } from "../../../app/presentation/numbers.ts";
import { figureMeanings, figureNames, figureOrder, formatFigure } from "../../../app/truth/figure-text.ts";
import { type Counts, type MeanMetrics, macroMean, measure, measureLabels } from "../../../app/truth/metrics.ts";
import { type MeasuredImages, measuredImages } from "../../store/truth-selectors.ts";
import { outcomes } from "../../store/truth-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Table } from "../../ui/Table.tsx";
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
  const mean = macroMean(rows.map(({ metrics }) => metrics));
  return (
    <Table
      className={styles.table}
      caption={<caption className={styles.caption}>By image</caption>}
      heads={["Image", ...figureHeads]}
      testId="truth-images"
      foot={
        <>
          <MetricsRow name="Together (micro)" counts={together} figures={together} testId="truth-micro" />
          <MetricsRow name="Mean of images (macro)" figures={mean} testId="truth-macro" />
        </>
      }
    >
      {rows.map(({ image, metrics }) => {
        const name = (
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
        );
        return <MetricsRow key={image.id} name={name} counts={metrics} figures={metrics} testId="truth-image-row" />;
      })}
    </Table>
  );
}

function LabelTable({ measured }: Pick<MeasuredImages, "measured">) {
  const rows = useMemo(() => measureLabels(measured.map(({ match }) => match)), [measured]);
  return (
    <Table
      className={styles.table}
      caption={<caption className={styles.caption}>By label</caption>}
      heads={["Label", ...figureHeads]}
      testId="truth-labels"
      foot={<MetricsRow name="Mean of labels (macro)" figures={macroMean(rows)} testId="truth-label-macro" />}
    >
      {rows.map(({ label, ...metrics }) => (
        <MetricsRow key={label} name={labelText(label)} counts={metrics} figures={metrics} testId="truth-label-row" />
      ))}
    </Table>
  );
}

const figureHeads = [
  ...outcomes.map((outcome) => (
    <th key={outcome} scope="col" title={outcomeTexts[outcome].meaning}>
      {outcomeTexts[outcome].name}
    </th>
  )),
  ...figureOrder.map((name) => (
    <th key={name} scope="col" title={figureMeanings[name]}>
      {figureNames[name]}
    </th>
  )),
];

interface MetricsRowProps {
  readonly name: ReactNode;
  /** A mean has none. */
  readonly counts?: Counts;
  readonly figures: MeanMetrics;
  readonly testId: string;
}

function MetricsRow({ name, counts, figures, testId }: MetricsRowProps) {
  return (
    <tr data-testid={testId}>
      <th scope="row">{name}</th>
      {outcomes.map((outcome) => (
        <td key={outcome}>{counts && formatCount(counts[outcome])}</td>
      ))}
      {figureOrder.map((each) => (
        <td key={each}>{formatFigure(figures[each])}</td>
      ))}
    </tr>
  );
}
