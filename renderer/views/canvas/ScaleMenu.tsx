import { scaleOf } from "../../../app/contract/index.ts";
import { scaleSourceTexts, scaleText, unitNames } from "../../../app/presentation/units.ts";
import { currentImage } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Menu, MenuItem, MenuRadios, MenuSeparator } from "../../ui/Menu.tsx";
import styles from "./CanvasToolbar.module.css";

/** What systems and browsers offer; a scale from elsewhere stands among them. */
const usualScales = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

/** How many px of the screenshot one CSS px takes, and which of the two copied coordinates are given in. */
export function ScaleMenu() {
  const commands = useCommands();
  const image = useApp(currentImage);
  const unit = useApp((state) => state.prefs.unit);
  if (image === undefined) return null;
  const scale = scaleOf(image);
  const values = [...new Set([...usualScales, scale.value])].sort((a, b) => a - b);
  return (
    <Menu
      align="end"
      className={styles.scaleMenu}
      trigger={
        <Button
          look="quiet"
          className={styles.scale}
          aria-label={`Scale of the screenshot: ${scaleText(scale.value)}`}
          title={`Scale ${scaleText(scale.value)}, ${scaleSourceTexts[scale.from]}. Clicks are copied in ${unitNames[unit]}.`}
          data-testid="scale-menu"
        >
          @{scaleText(scale.value)}
        </Button>
      }
    >
      <MenuRadios
        label={`Scale, ${scaleSourceTexts[scale.from]}`}
        value={String(scale.value)}
        options={values.map((value) => ({ value: String(value), text: scaleText(value) }))}
        onChange={(value) => void commands.images.setScale(image.id, Number(value))}
      />
      {scale.from === "user" && (
        <MenuItem
          text="Guess from the file"
          testId="scale-guess"
          onSelect={() => void commands.images.setScale(image.id, null)}
        />
      )}
      <MenuSeparator />
      <MenuRadios
        label="Copy coordinates in"
        value={unit}
        options={[
          { value: "css", text: "CSS px (points)" },
          { value: "image", text: "Image px" },
        ]}
        onChange={(chosen) => commands.window.remember({ unit: chosen })}
      />
    </Menu>
  );
}
