import type { ModelEntry, PairInspection } from "../../../app/contract/index.ts";
import { differenceText } from "../../../app/presentation/template-check.ts";
import { presetOptions } from "../../logic/models/presets.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import styles from "./ModelsView.module.css";

interface PresetFieldProps {
  readonly entry: ModelEntry;
  /** Absent while the headers are not read, or if they cannot be. */
  readonly inspection: PairInspection | undefined;
}

/** How a model is asked: by its name, or as the user chooses; and whether its own chat template agrees. */
export function PresetField({ entry, inspection }: PresetFieldProps) {
  const commands = useCommands();
  const presets = useApp((state) => state.models.presets);
  const preset = inspection?.preset ?? entry.preset;
  if (preset === undefined) return null;
  const template = inspection?.template;
  const source = presets.find(({ id }) => id === preset)?.source;
  return (
    <>
      <SelectField
        label="Asked as"
        testId="model-preset"
        value={entry.preset ?? "auto"}
        options={presetOptions(presets, preset, entry.preset)}
        title={source && `Source: ${source}`}
        onChange={(chosen) => void commands.models.choosePreset(entry.id, chosen)}
      />
      {template?.verdict === "differs" && (
        <div className={styles.warning} data-testid="template-differs">
          <p>What it is asked is not what its own chat template gives, so answers may suffer:</p>
          <ul>
            {template.differences.map((difference) => (
              <li key={difference.mode}>{differenceText(difference)}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
