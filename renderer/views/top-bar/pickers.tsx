import {
  type BackendChoice,
  type BackendStatus,
  backends,
  profileNames,
  resolveSettings,
} from "../../../app/contract/index.ts";
import { backendNames, profileTexts } from "../../model/names.ts";
import { chosenModel } from "../../store/host-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { SelectField } from "../../ui/SelectField.tsx";

export function ModelPicker() {
  const commands = useCommands();
  const models = useApp((state) => state.host.models);
  const chosen = useApp((state) => state.host.settings?.modelId);
  const model = useApp((state) => chosenModel(state.host));
  const known = models.map((each) => ({ value: each.id, text: each.name }));
  // A model that was removed stays visible as the present choice, or the picker would claim another one.
  const options =
    chosen === undefined || model !== undefined
      ? known
      : [{ value: chosen, text: `${chosen} (missing)`, disabled: true }, ...known];
  return (
    <SelectField
      label="Model"
      testId="model-picker"
      value={chosen ?? ""}
      options={options}
      disabled={chosen === undefined}
      title={model && [model.name, model.quantisation, model.architecture].filter(Boolean).join(", ")}
      onChange={(modelId) => void commands.updateSettings({ modelId })}
    />
  );
}

export function BackendPicker() {
  const commands = useCommands();
  const chosen = useApp((state) => state.host.settings?.backend);
  const statuses = useApp((state) => state.host.backends);
  const options = (["auto", ...backends] as const).map((backend) => backendOption(backend, statuses));
  return (
    <SelectField
      label="Backend"
      testId="backend-picker"
      value={chosen ?? "auto"}
      options={options}
      disabled={chosen === undefined}
      title={statuses.find((each) => each.backend === chosen)?.reason ?? "Takes the fastest backend that works"}
      onChange={(backend) => void commands.updateSettings({ backend })}
    />
  );
}

function backendOption(backend: BackendChoice, statuses: readonly BackendStatus[]) {
  const unavailable = statuses.some((each) => each.backend === backend && !each.available);
  const name = backendNames[backend];
  return { value: backend, text: unavailable ? `${name} (not available)` : name, disabled: unavailable };
}

export function ProfilePicker() {
  const commands = useCommands();
  const chosen = useApp((state) => state.host.settings?.profile);
  const model = useApp((state) => chosenModel(state.host));
  const limits = chosen === undefined ? undefined : resolveSettings(chosen, {}, model);
  return (
    <SelectField
      label="Profile"
      testId="profile-picker"
      value={chosen ?? "balanced"}
      options={profileNames.map((profile) => ({ value: profile, text: profileTexts[profile] }))}
      disabled={chosen === undefined}
      title={
        limits &&
        `At most ${limits.maxImageTokens} image tokens, ${limits.maxNewTokens} new tokens, ${limits.maxDetections} elements; minimum confidence ${limits.minConfidence}`
      }
      onChange={(profile) => void commands.updateSettings({ profile })}
    />
  );
}
