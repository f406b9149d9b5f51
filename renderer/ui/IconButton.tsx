import { Button } from "./Button.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { Tip } from "./Tip.tsx";

type IconButtonProps = Omit<Parameters<typeof Button>[0], "square" | "children"> & {
  readonly icon: IconName;
  /** Its name for screen readers. */
  readonly label: string;
  /** A hint at pointer or focus. */
  readonly tip?: string;
};

/** A square button with an icon instead of words. */
export function IconButton({ icon, label, tip, look = "quiet", ...rest }: IconButtonProps) {
  const button = (
    <Button look={look} square aria-label={label} {...rest}>
      <Icon name={icon} />
    </Button>
  );
  return tip === undefined ? button : <Tip text={tip}>{button}</Tip>;
}
