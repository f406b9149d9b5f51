import { catalogue } from "../../logic/commands/catalogue.ts";
import type { CommandInfo } from "../../logic/commands/registry.ts";
import { useRegistry } from "../../store/use-app.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Menu, MenuItem, MenuSeparator } from "../../ui/Menu.tsx";

const ofElement = [catalogue.copyJson, catalogue.copyPlaywright, catalogue.copyPyautogui];

/** Ways to take the selected element elsewhere. Coordinates are px of the screenshot. */
export function CopyMenu() {
  const registry = useRegistry();
  const item = ({ id, title, keys }: CommandInfo) => (
    <MenuItem key={id} text={title} chord={keys?.[0]} testId={id} onSelect={() => registry.run(id)} />
  );
  return (
    <Menu
      align="end"
      trigger={<IconButton icon="copy" label="Copy this element" title="Copy" data-testid="copy-menu" />}
    >
      {ofElement.map(item)}
      <MenuSeparator />
      {item(catalogue.copyImage)}
    </Menu>
  );
}
