import { useId } from "react";
import type { RemoteFile, RemoteListing } from "../../../app/contract/index.ts";
import { formatBytes, plural } from "../../../app/presentation/numbers.ts";
import { fitTexts } from "../../../app/presentation/texts.ts";
import { fileName, remoteFileText } from "../../logic/models/texts.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import styles from "./ModelsView.module.css";
import { Fit } from "./parts.tsx";

/** The GGUF files of a repository: the user picks a quantisation and its mmproj. */
export function HubListing({ listing }: { readonly listing: RemoteListing }) {
  const { models } = useCommands();
  const group = useId();
  const chosen = useApp((state) => state.models.hub.model);
  const chosenMmproj = useApp((state) => state.models.hub.mmproj);
  const model = listing.models.find(({ path }) => path === chosen);
  const mmproj = listing.mmprojs.find(({ path }) => path === chosenMmproj);
  return (
    <div className={styles.card} data-testid="hub-listing">
      <p>
        <span className={styles.strong}>{listing.repository}</span>{" "}
        <span className="soft">
          {plural(listing.models.length, "model file")}, from {listing.endpoint}
        </span>
      </p>
      <fieldset className={styles.choices}>
        <legend className="soft">Quantisation: smaller is faster and less exact</legend>
        {listing.models.map((file) => (
          <label key={file.path} className={styles.choice} data-testid="hub-model">
            <input
              type="radio"
              name={group}
              checked={file.path === chosen}
              onChange={() => models.pick({ model: file.path })}
            />
            <span className={styles.type}>{file.quantisation ?? "unnamed"}</span>
            <span className={styles.size}>{formatBytes(file.bytes)}</span>
            <span className={styles.file} title={file.path}>
              {fileText(file)}
            </span>
            {file.fit !== undefined && <span className="soft">{fitTexts[file.fit.verdict]}</span>}
          </label>
        ))}
      </fieldset>
      {listing.mmprojs.length === 0 ? (
        <p className={styles.warning}>
          This repository has no mmproj file, without which a vision model cannot see. Look for another repository of
          the same model.
        </p>
      ) : (
        <SelectField
          label="mmproj"
          testId="hub-mmproj"
          value={chosenMmproj ?? ""}
          options={listing.mmprojs.map((file) => ({ value: file.path, text: remoteFileText(file) }))}
          onChange={(path) => models.pick({ mmproj: path })}
        />
      )}
      {model?.fit !== undefined && <Fit fit={model.fit} />}
      <Button
        look="primary"
        data-testid="hub-download"
        disabled={model === undefined || mmproj === undefined}
        onClick={() => void models.download()}
      >
        {model === undefined || mmproj === undefined
          ? "Choose a quantisation"
          : `Download ${formatBytes(model.bytes + mmproj.bytes)}`}
      </Button>
    </div>
  );
}

function fileText({ path, parts }: RemoteFile): string {
  return parts.length > 1 ? `${fileName(path)} and ${parts.length - 1} more` : fileName(path);
}
