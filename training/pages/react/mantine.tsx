/** @jsxRuntime automatic */
import {
  ActionIcon,
  Alert,
  Anchor,
  Avatar,
  Badge,
  Button,
  Checkbox,
  createTheme,
  MantineProvider,
  NavLink,
  NumberInput,
  Pagination,
  Paper,
  PasswordInput,
  Radio,
  RangeSlider,
  SegmentedControl,
  Select,
  Slider,
  Switch,
  Table,
  Tabs,
  Textarea,
  TextInput,
  Title,
} from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { glyphs } from "./glyphs.ts";
import { ReactWidgets } from "./react_widgets.ts";

const colours = [
  "blue",
  "cyan",
  "grape",
  "green",
  "indigo",
  "lime",
  "orange",
  "pink",
  "red",
  "teal",
  "violet",
  "yellow",
] as const;
const sizes = ["xs", "sm", "md"] as const;

/** Mantine. */
export class MantineWidgets extends ReactWidgets {
  private readonly scheme = this.random.chance(0.4) ? "dark" : "light";
  private readonly size = this.random.pick(["xs", "sm", "sm", "sm", "md"] as const);
  private readonly radius = this.random.pick(["xs", "sm", "sm", "md", "xl"] as const);
  private readonly variant = this.random.pick(["default", "default", "filled"] as const);
  private readonly tabKind = this.random.pick(["default", "outline", "pills", "segmented"] as const);
  private readonly theme = createTheme({
    primaryColor: this.random.pick(colours),
    fontFamily: "var(--page-font)",
    defaultRadius: this.radius,
    scale: this.random.pick([0.9, 1, 1, 1.1]),
    headings: { fontFamily: "var(--page-font)" },
  });

  protected override provided(element: ReactElement): ReactElement {
    return (
      <MantineProvider
        theme={this.theme}
        forceColorScheme={this.scheme}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        {element}
      </MantineProvider>
    );
  }

  override attributes(): string {
    return `data-mantine-color-scheme="${this.scheme}"`;
  }

  override style(): string {
    const variables = renderToString(
      <MantineProvider theme={this.theme} forceColorScheme={this.scheme}>
        <i />
      </MantineProvider>,
    );
    const rules = [...variables.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, css]) => css).join("");
    return `${rules} :root{color-scheme:${this.scheme}} body{background:var(--mantine-color-body);color:var(--mantine-color-text);font-size:var(--mantine-font-size-sm)} .own-dialog,.own-popup,.own-top{background:var(--mantine-color-body)}`;
  }

  private icon(size = 16): ReactNode {
    const Glyph = this.random.pick(glyphs);
    return <Glyph style={{ fontSize: size, display: "inline-flex" }} />;
  }

  private colour(): { color?: string } {
    return this.random.chance(0.7) ? {} : { color: this.random.pick(["gray", ...colours]) };
  }

  override button(text = this.words.phrase(1, 2)): string {
    return `${this.paint(
      <Button
        data-el="button"
        variant={this.random.pick(["filled", "filled", "default", "default", "outline", "light", "subtle"])}
        size={this.random.chance(0.15) ? "compact-sm" : this.random.chance(0.7) ? this.size : this.random.pick(sizes)}
        disabled={this.random.chance(0.07)}
        {...this.colour()}
        {...(this.random.chance(0.25) ? { leftSection: this.icon() } : {})}
        {...(this.random.chance(0.12) ? { rightSection: this.icon(14) } : {})}
      >
        {text}
      </Button>,
    )} `;
  }

  override iconButton(): string {
    return `${this.paint(
      <ActionIcon
        data-el="icon"
        variant={this.random.pick(["subtle", "subtle", "default", "filled", "light", "outline", "transparent"])}
        size={this.random.pick(["md", "md", "lg", "sm"])}
        {...(this.random.chance(0.5) ? { color: "gray" } : this.colour())}
      >
        {this.icon()}
      </ActionIcon>,
    )} `;
  }

  override link(text = this.words.phrase(1, 3)): string {
    return `${this.paint(
      <Anchor href="#" underline={this.random.pick(["always", "never"] as const)} size="sm">
        {this.slot(this.written("link", text))}
      </Anchor>,
    )} `;
  }

  override heading(level = this.random.int(1, 5), text = this.words.phrase(1, 4)): string {
    const order = ([1, 2, 3, 4, 5] as const).find((one) => one === level) ?? 5;
    return this.paint(<Title order={order}>{this.slot(this.written("heading", text))}</Title>);
  }

  override bareInput(): string {
    const filled = this.random.chance(0.5);
    const common = {
      "data-el": "input",
      size: this.size,
      variant: this.variant,
      placeholder: this.words.phrase(1, 3),
      disabled: this.random.chance(0.05),
      ...(filled ? { defaultValue: this.words.phrase(1, 3) } : {}),
    };
    const { "data-el": _, ...password } = common;
    return this.random.weighted([
      [() => this.paint(<TextInput {...common} />), 5],
      [() => this.paint(<TextInput {...common} leftSection={this.icon()} />), 3],
      [() => this.paint(<TextInput {...common} rightSection={this.icon()} error={this.random.chance(0.2)} />), 1],
      [() => this.paint(<PasswordInput {...password} />, { "mantine-PasswordInput-input": "input" }), 2],
      [() => this.paint(<NumberInput {...common} defaultValue={this.random.int(0, 900)} />), 1],
    ] as const)();
  }

  override area(): string {
    return this.field(
      this.paint(<Textarea data-el="input" size={this.size} variant={this.variant} {...this.areaContent()} />),
    );
  }

  override select(): string {
    const text = this.words.phrase(1, 2);
    const chosen = this.random.chance(0.75);
    return this.field(
      this.paint(
        <Select
          data-el="select"
          size={this.size}
          variant={this.variant}
          placeholder={text}
          data={[text]}
          {...(chosen ? { defaultValue: text } : {})}
          {...(this.random.chance(0.2) ? { leftSection: this.icon() } : {})}
          disabled={this.random.chance(0.05)}
        />,
      ),
    );
  }

  override choice(kind: "checkbox" | "radio"): string {
    const Mark = kind === "radio" ? Radio : Checkbox;
    return `<div style="padding:3px 0">${this.paint(
      <Mark
        data-el={kind}
        size={this.size}
        defaultChecked={this.random.chance(0.45)}
        disabled={this.random.chance(0.05)}
        label={this.slot(this.caption())}
        {...(this.random.chance(0.2) ? { variant: "outline" as const } : {})}
        {...this.colour()}
      />,
    )}</div>`;
  }

  override toggle(): string {
    const control = this.paint(
      <Switch
        size={this.random.pick(["xs", "sm", "md", "lg"])}
        defaultChecked={this.random.chance(0.5)}
        disabled={this.random.chance(0.05)}
        {...this.colour()}
        {...(this.random.chance(0.15) ? { onLabel: "ON", offLabel: "OFF" } : {})}
      />,
      { "mantine-Switch-track": "toggle" },
    );
    return this.switchRow(control, 10, "padding:5px 0;");
  }

  override slider(): string {
    const at = this.random.int(5, 95);
    const common = { size: this.random.pick(sizes), ...this.colour() };
    return this.field(
      this.random.chance(0.2)
        ? this.paint(<RangeSlider {...common} defaultValue={[at / 2, at]} />, { "mantine-RangeSlider-root": "slider" })
        : this.paint(<Slider {...common} label={null} defaultValue={at} />, { "mantine-Slider-root": "slider" }),
    );
  }

  override tabs(): string {
    const keys = Array.from({ length: this.random.int(2, 6) }, (_, index) => `${index}`);
    const active = this.random.pick(keys);
    if (this.tabKind === "segmented") {
      const html = this.paint(
        <SegmentedControl
          size={this.size}
          defaultValue={active}
          data={keys.map((value) => ({ value, label: this.words.phrase(1, 2) }))}
        />,
        { "mantine-SegmentedControl-control": "tab" },
      );
      return `<div style="padding:6px 0">${html}</div>`;
    }
    const withIcons = this.random.chance(0.2);
    return this.paint(
      <Tabs defaultValue={active} variant={this.tabKind} {...this.colour()}>
        <Tabs.List>
          {keys.map((key) => (
            <Tabs.Tab key={key} value={key} data-el="tab" {...(withIcons ? { leftSection: this.icon(14) } : {})}>
              {this.words.phrase(1, 2)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>,
    );
  }

  private row(label: "menu_item" | "list_item", active: boolean, icon: ReactNode, second: boolean): string {
    return this.paint(
      <NavLink
        data-el={label}
        active={active}
        label={this.words.phrase(1, 3)}
        disabled={this.random.chance(0.03)}
        {...(second ? { description: this.words.phrase(2, 5) } : {})}
        {...(icon === undefined ? {} : { leftSection: icon })}
        {...(this.random.chance(0.1) ? { rightSection: this.icon(12) } : {})}
      />,
    );
  }

  override menu(): string {
    const withIcons = this.random.chance(0.4);
    const rows = this.times(3, 8, () => this.row("menu_item", false, withIcons ? this.icon(14) : undefined, false));
    return `<div data-layer style="min-width:170px">${this.paint(
      <Paper shadow="md" withBorder p={4}>
        {this.slot(rows)}
      </Paper>,
    )}</div>`;
  }

  override list(from = 3, to = 9): string {
    const active = this.random.int(0, 12);
    const kind = this.random.pick(["icon", "portrait", "plain"] as const);
    const second = this.random.chance(0.35);
    const portrait = () => (
      <Avatar size={32} color={this.random.pick(colours)}>
        {this.words.word().slice(0, 2)}
      </Avatar>
    );
    return `<div style="width:100%">${this.times(from, to, (index) =>
      this.row(
        "list_item",
        index === active,
        kind === "plain" ? undefined : kind === "icon" ? this.icon() : portrait(),
        second,
      ),
    )}</div>`;
  }

  override table(): string {
    const keys = Array.from({ length: this.random.int(2, 6) }, (_, index) => `${index}`);
    const rows = Array.from({ length: this.random.int(3, 9) }, (_, index) => `${index}`);
    const [actions, checks] = [this.random.chance(0.4), this.random.chance(0.35)];
    const cell = (key: string) => this.cellContent(key === "0");
    const checkbox = () => <Checkbox data-el="checkbox" size="xs" defaultChecked={this.random.chance(0.25)} />;
    return this.paint(
      <Table
        striped={this.random.chance(0.3)}
        withTableBorder={this.random.chance(0.4)}
        withColumnBorders={this.random.chance(0.2)}
        verticalSpacing={this.random.pick(["xs", "sm", "md"])}
      >
        <Table.Thead>
          <Table.Tr>
            {checks ? <Table.Th>{checkbox()}</Table.Th> : null}
            {keys.map((key) => (
              <Table.Th key={key}>{this.slot(this.caption(this.words.phrase(1, 1)))}</Table.Th>
            ))}
            {actions ? <Table.Th /> : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row}>
              {checks ? <Table.Td>{checkbox()}</Table.Td> : null}
              {keys.map((key) => (
                <Table.Td key={key}>{this.slot(cell(key))}</Table.Td>
              ))}
              {actions ? <Table.Td>{this.slot(this.iconButton() + this.iconButton())}</Table.Td> : null}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>,
    );
  }

  override card(content: string, grow = ""): string {
    const html = this.paint(
      <Paper
        withBorder={this.random.chance(0.6)}
        shadow={this.random.pick(["xs", "sm", "md"])}
        p={this.random.pick(["sm", "md", "lg"])}
      >
        {this.slot(content)}
      </Paper>,
    );
    return `<section style="${grow}">${html}</section>`;
  }

  override alert(): string {
    const icon = this.random.chance(0.6) ? { icon: this.icon(20) } : {};
    return this.paint(
      <Alert
        {...this.colour()}
        {...icon}
        variant={this.random.pick(["light", "filled", "outline", "default"])}
        withCloseButton={this.random.chance(0.5)}
        {...(this.random.chance(0.5) ? { title: this.slot(this.written("heading", this.words.phrase(1, 3))) } : {})}
      >
        {this.slot(this.text(1).replace("<p", '<p style="margin:0"'))}
      </Alert>,
      { "mantine-Alert-icon": "icon", "mantine-Alert-closeButton": "icon" },
    );
  }

  override badge(): string {
    return `${this.paint(
      <Badge {...this.colour()} variant={this.random.pick(["filled", "light", "outline", "dot", "default"])}>
        {this.slot(this.caption(this.words.word()))}
      </Badge>,
    )} `;
  }

  override pager(): string {
    const html = this.paint(
      <Pagination size={this.size} total={this.random.int(3, 9)} defaultValue={2} radius={this.radius} />,
      { "mantine-Pagination-control": "button" },
    );
    // The arrows have the same class as the numbers.
    return `<div style="padding:10px 0">${html.replace(/data-el="button"([^>]*><svg)/g, 'data-el="icon"$1')}</div>`;
  }
}
