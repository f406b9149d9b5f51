import { catalogue } from "../../model/commands/catalogue.ts";
import { useRegistry } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu, MenuItem, MenuSeparator } from "../../ui/Menu.tsx";

const ofElement = [catalogue.copyJson, catalogue.copyPlaywright, catalogue.copyPyautogui];

/** Ways to take the selected element elsewhere. Coordinates are px of the screenshot. */
export function CopyMenu() {
  const registry = useRegistry();
  return (
    <Menu
      align="end"
      trigger={
        <Button look="quiet" square title="Copy" aria-label="Copy this element" data-testid="copy-menu">
          <Icon name="copy" />
        </Button>
      }
    >
      {ofElement.map(({ id, title, keys }) => (
        <MenuItem key={id} text={title} chord={keys[0]} testId={id} onSelect={() => registry.run(id)} />
      ))}
      <MenuSeparator />
      <MenuItem
        text={catalogue.copyImage.title}
        chord={catalogue.copyImage.keys[0]}
        testId={catalogue.copyImage.id}
        onSelect={() => registry.run(catalogue.copyImage.id)}
      />
    </Menu>
  );
}
