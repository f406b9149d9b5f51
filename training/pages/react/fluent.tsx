/** @jsxRuntime automatic */
import {
  Avatar,
  Badge,
  Button,
  Card,
  Checkbox,
  Combobox,
  createDarkTheme,
  createDOMRenderer,
  createLightTheme,
  Dropdown,
  Input,
  Link,
  MenuDivider,
  MenuItem,
  MenuList,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Option,
  Radio,
  RendererProvider,
  renderToStyleElements,
  SearchBox,
  Select,
  Slider,
  SpinButton,
  SplitButton,
  Subtitle1,
  Subtitle2,
  Switch,
  Tab,
  TabList,
  Table,
  TableBody,
  TableCell,
  TableCellLayout,
  TableHeader,
  TableHeaderCell,
  TableRow,
  TableSelectionCell,
  Tag,
  Textarea,
  Title1,
  Title2,
  Title3,
  teamsHighContrastTheme,
  webDarkTheme,
  webLightTheme,
} from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { glyphs } from "./glyphs.ts";
import { ReactWidgets } from "./react_widgets.ts";

const sizes = ["small", "medium", "medium", "large"] as const;
const titles = [Title1, Title2, Title3, Subtitle1, Subtitle2] as const;

/** Fluent UI 9. */
export class FluentWidgets extends ReactWidgets {
  private readonly renderer = createDOMRenderer();
  private readonly dark = this.random.chance(0.4);
  private readonly theme = this.chosenTheme();
  private readonly size = this.random.pick(sizes);
  private readonly appearance = this.random.weighted([
    ["outline", 5],
    ["underline", 1],
    ["filled-darker", 1],
    ["filled-lighter", 1],
  ] as const);
  private readonly shape = this.random.pick(["rounded", "rounded", "rounded", "circular", "square"] as const);
  private readonly tabKind = this.random.pick(["transparent", "transparent", "subtle", "subtle-circular"] as const);
  private readonly sortable = this.random.chance(0.35);

  /** Fluent's own themes, or a brand of a random hue: sixteen shades from dark to light. */
  private chosenTheme() {
    if (this.random.chance(0.04)) return teamsHighContrastTheme;
    if (this.random.chance(0.4)) return this.dark ? webDarkTheme : webLightTheme;
    const [hue, saturation] = [this.random.int(0, 359), this.random.int(35, 90)];
    const shade = (level: number): string => `hsl(${hue} ${saturation}% ${Math.round(6 + level * 0.54)}%)`;
    const brand = {
      10: shade(10),
      20: shade(20),
      30: shade(30),
      40: shade(40),
      50: shade(50),
      60: shade(60),
      70: shade(70),
      80: shade(80),
      90: shade(90),
      100: shade(100),
      110: shade(110),
      120: shade(120),
      130: shade(130),
      140: shade(140),
      150: shade(150),
      160: shade(160),
    };
    return this.dark ? createDarkTheme(brand) : createLightTheme(brand);
  }

  /** Without Fluent's own provider, which would write all of the theme's variables beside each part. */
  protected override provided(element: ReactElement): ReactElement {
    return <RendererProvider renderer={this.renderer}>{element}</RendererProvider>;
  }

  override style(): string {
    const styles = renderToString(renderToStyleElements(this.renderer));
    const rules = [...styles.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, css]) => css).join("");
    const variables = Object.entries(this.theme).map(([name, value]) =>
      name.startsWith("fontFamily") ? "" : `--${name}:${value};`,
    );
    const fonts = ["Base", "Monospace", "Numeric"].map((name) => `--fontFamily${name}:var(--page-font);`);
    // What is drawn above marks takes no pointer, so that they count as the topmost.
    return `${rules} :root{${variables.join("")}${fonts.join("")}color-scheme:${this.dark ? "dark" : "light"}} body{background:var(--colorNeutralBackground2);color:var(--colorNeutralForeground1);font-size:var(--fontSizeBase300)} .own-dialog,.own-popup,.own-top,.fluent-menu{background:var(--colorNeutralBackground1)} .fluent-menu{border-radius:4px;box-shadow:var(--shadow16);padding:4px} .fluent-row{display:flex;gap:10px;align-items:center;padding:6px 10px;border-radius:4px} .fluent-row.chosen{background:var(--colorNeutralBackground1Selected)} .fui-Checkbox__input,.fui-Radio__input,.fui-Switch__input{pointer-events:none}`;
  }

  private icon(): ReactElement {
    const Glyph = this.random.pick(glyphs);
    return <Glyph />;
  }

  private looks() {
    return this.random.weighted([
      ["secondary", 5],
      ["primary", 4],
      ["outline", 1],
      ["subtle", 1],
      ["transparent", 1],
    ] as const);
  }

  override button(text = this.words.phrase(1, 2)): string {
    const common = {
      appearance: this.looks(),
      shape: this.shape,
      size: this.random.chance(0.7) ? this.size : this.random.pick(sizes),
      disabled: this.random.chance(0.07),
      ...(this.random.chance(0.3) ? { icon: this.icon() } : {}),
    };
    if (this.random.chance(0.08)) {
      const split = <SplitButton {...common}>{text}</SplitButton>;
      return `${this.paint(split, { "fui-SplitButton__primaryActionButton": "button", "fui-SplitButton__menuButton": "icon" })} `;
    }
    return `${this.paint(
      <Button data-el="button" iconPosition={this.random.chance(0.2) ? "after" : "before"} {...common}>
        {text}
      </Button>,
    )} `;
  }

  override iconButton(): string {
    return `${this.paint(
      <Button
        data-el="icon"
        appearance={this.random.pick(["subtle", "subtle", "transparent", "secondary", "primary"] as const)}
        shape={this.random.chance(0.2) ? "circular" : "rounded"}
        size={this.size}
        icon={this.icon()}
      />,
    )} `;
  }

  override link(text = this.words.phrase(1, 3)): string {
    return `${this.paint(
      <Link href="#" inline={this.random.chance(0.3)} appearance={this.random.chance(0.2) ? "subtle" : "default"}>
        {this.slot(this.written("link", text))}
      </Link>,
    )} `;
  }

  override heading(level = this.random.int(1, 5), text = this.words.phrase(1, 4)): string {
    const Title = titles[level - 1] ?? Subtitle2;
    return `<div style="margin:6px 0">${this.paint(<Title>{this.slot(this.written("heading", text))}</Title>)}</div>`;
  }

  override bareInput(): string {
    const content = this.fieldContent();
    const style = { width: "100%" };
    const common = { appearance: this.appearance, size: this.size, disabled: this.random.chance(0.05), style };
    const marks = { "fui-Input": "input" };
    return this.random.weighted([
      [() => this.paint(<Input {...common} {...content} />, marks), 5],
      [() => this.paint(<Input {...common} {...content} contentBefore={this.icon()} />, marks), 2],
      [() => this.paint(<Input {...common} type="password" {...content} contentAfter={this.icon()} />, marks), 2],
      [() => this.paint(<SearchBox {...common} {...content} />, marks), 2],
      [
        () =>
          this.paint(
            <SpinButton
              appearance={this.appearance}
              size={this.size === "large" ? "medium" : this.size}
              defaultValue={this.random.int(0, 900)}
              style={style}
            />,
            { "fui-SpinButton": "input" },
          ),
        1,
      ],
    ] as const)();
  }

  override area(): string {
    const { rows, ...content } = this.areaContent();
    const look = this.appearance === "underline" ? "outline" : this.appearance;
    const area = (
      <Textarea appearance={look} size={this.size} textarea={{ rows }} style={{ width: "100%" }} {...content} />
    );
    return this.field(this.paint(area, { "fui-Textarea": "input" }));
  }

  override select(): string {
    const text = this.words.phrase(1, 2);
    const chosen = this.random.chance(0.75);
    const common = { appearance: this.appearance, size: this.size, disabled: this.random.chance(0.06) };
    const style = { width: "100%", minWidth: 90 };
    const option = <Option>{text}</Option>;
    const shown = chosen ? { defaultValue: text } : { placeholder: text };
    return this.field(
      this.random.weighted([
        [
          () =>
            this.paint(
              <Dropdown {...common} style={style} {...shown}>
                {option}
              </Dropdown>,
              { "fui-Dropdown": "select" },
            ),
          3,
        ],
        [
          () =>
            this.paint(
              <Combobox {...common} style={style} {...shown}>
                {option}
              </Combobox>,
              { "fui-Combobox": "select" },
            ),
          1,
        ],
        [
          () =>
            this.paint(
              <Select {...common} style={style}>
                <option>{text}</option>
              </Select>,
              { "fui-Select": "select" },
            ),
          2,
        ],
      ] as const)(),
    );
  }

  override choice(kind: "checkbox" | "radio"): string {
    const common = {
      label: this.slot(this.caption()),
      defaultChecked: this.random.chance(0.45),
      disabled: this.random.chance(0.05),
    };
    const html =
      kind === "radio"
        ? this.paint(<Radio {...common} />, { "fui-Radio__indicator": kind })
        : this.paint(
            <Checkbox
              {...common}
              size={this.size === "large" ? "large" : "medium"}
              shape={this.shape === "circular" ? "circular" : "square"}
            />,
            { "fui-Checkbox__indicator": kind },
          );
    return `<div>${html}</div>`;
  }

  override toggle(): string {
    const control = this.paint(
      <Switch defaultChecked={this.random.chance(0.5)} disabled={this.random.chance(0.05)} />,
      { "fui-Switch__indicator": "toggle" },
    );
    return this.switchRow(control, 6);
  }

  override slider(): string {
    const size = this.size === "small" ? "small" : "medium";
    const slider = <Slider size={size} defaultValue={this.random.int(5, 95)} style={{ width: "100%" }} />;
    return this.field(this.paint(slider, { "fui-Slider": "slider" }));
  }

  override tabs(): string {
    const keys = Array.from({ length: this.random.int(2, 6) }, (_, index) => `${index}`);
    const chosen = this.random.pick(keys);
    const withIcons = this.random.chance(0.25);
    const html = this.paint(
      <TabList defaultSelectedValue={chosen} appearance={this.tabKind} size={this.size}>
        {keys.map((key) => (
          <Tab key={key} value={key} data-el="tab" {...(withIcons ? { icon: this.icon() } : {})}>
            {this.words.phrase(1, 2)}
          </Tab>
        ))}
      </TabList>,
    );
    return `<div style="padding:4px 0">${html}</div>`;
  }

  override menu(): string {
    const withIcons = this.random.chance(0.5);
    const keys = this.random.chance(0.3);
    const rows = Array.from({ length: this.random.int(3, 8) }, (_, index) => `${index}`);
    const html = this.paint(
      <MenuList hasIcons={withIcons}>
        {rows.map((key) =>
          key !== "0" && this.random.chance(0.1) ? (
            <MenuDivider key={key} />
          ) : (
            <MenuItem
              key={key}
              data-el="menu_item"
              disabled={this.random.chance(0.06)}
              {...(withIcons ? { icon: this.icon() } : {})}
              {...(keys ? { secondaryContent: this.shortcut() } : {})}
            >
              {this.words.phrase(1, 3)}
            </MenuItem>
          ),
        )}
      </MenuList>,
    );
    return `<div data-layer class="fluent-menu" style="min-width:160px;width:fit-content">${html}</div>`;
  }

  override list(from = 3, to = 9): string {
    const chosen = this.random.int(0, 12);
    const kind = this.random.pick(["icon", "portrait", "plain"] as const);
    const second = this.random.chance(0.4);
    const before = (): ReactNode =>
      kind === "icon" ? (
        this.icon()
      ) : kind === "portrait" ? (
        <Avatar name={`${this.words.word()} ${this.words.word()}`} color="colorful" aria-hidden />
      ) : undefined;
    return `<div style="width:100%">${this.times(from, to, (index) =>
      this.paint(
        <div data-el="list_item" className={`fluent-row${index === chosen ? " chosen" : ""}`}>
          {before()}
          <div>
            <div>{this.words.phrase(1, 4)}</div>
            {second ? <small style={{ opacity: 0.75 }}>{this.words.phrase(2, 6)}</small> : null}
          </div>
        </div>,
      ),
    )}</div>`;
  }

  override table(): string {
    const keys = Array.from({ length: this.random.int(2, 6) }, (_, index) => `${index}`);
    const rows = Array.from({ length: this.random.int(3, 9) }, (_, index) => `${index}`);
    const [actions, checks] = [this.random.chance(0.4), this.random.chance(0.35)];
    const cell = (key: string) => this.slot(this.cellContent(key === "0"));
    const head = () => {
      const title = this.words.phrase(1, 1);
      return this.sortable ? title : this.slot(this.caption(title));
    };
    const mark = () => (checks ? <TableSelectionCell checked={this.random.chance(0.25)} /> : null);
    const size = this.random.pick(["medium", "small", "extra-small"] as const);
    return this.paint(
      <Table size={size} sortable={this.sortable}>
        <TableHeader>
          <TableRow>
            {mark()}
            {keys.map((key) => (
              <TableHeaderCell key={key} {...(key === "1" ? { sortDirection: "ascending" } : {})}>
                {head()}
              </TableHeaderCell>
            ))}
            {actions ? <TableHeaderCell /> : null}
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row} appearance={this.random.chance(0.08) ? "brand" : "none"}>
              {mark()}
              {keys.map((key) => (
                <TableCell key={key}>
                  <TableCellLayout>{cell(key)}</TableCellLayout>
                </TableCell>
              ))}
              {actions ? <TableCell>{this.slot(this.iconButton() + this.iconButton())}</TableCell> : null}
            </TableRow>
          ))}
        </TableBody>
      </Table>,
      {
        "fui-Checkbox__indicator": "checkbox",
        ...(this.sortable ? { "fui-TableHeaderCell": "button" } : {}),
      },
    );
  }

  override card(content: string, grow = ""): string {
    const card = (
      <Card
        size={this.random.pick(["small", "medium", "large"] as const)}
        appearance={this.random.pick(["filled", "filled", "outline", "filled-alternative"] as const)}
      >
        <div>{this.slot(content)}</div>
      </Card>
    );
    return `<section style="${grow}">${this.paint(card)}</section>`;
  }

  override alert(): string {
    const closes = this.random.chance(0.5);
    const title = this.slot(this.written("heading", this.words.phrase(1, 2)));
    return this.paint(
      <MessageBar
        intent={this.random.pick(["success", "info", "warning", "error"] as const)}
        layout={this.random.chance(0.4) ? "multiline" : "singleline"}
      >
        <MessageBarBody>
          {this.random.chance(0.5) ? <MessageBarTitle>{title}</MessageBarTitle> : null}
          {this.slot(this.caption(this.words.sentence()))}
        </MessageBarBody>
        {closes ? (
          <MessageBarActions
            containerAction={<Button data-el="icon" appearance="transparent" size="small" icon={this.icon()} />}
          />
        ) : null}
      </MessageBar>,
      { "fui-MessageBar__icon": "icon" },
    );
  }

  override badge(): string {
    if (this.random.chance(0.4)) {
      const tag = <Tag size={this.random.pick(["small", "medium"] as const)}>{this.words.word()}</Tag>;
      return `${this.paint(tag, { "fui-Tag": "button" })} `;
    }
    return `${this.paint(
      <Badge
        appearance={this.random.pick(["filled", "ghost", "outline", "tint"] as const)}
        color={this.random.pick(["brand", "danger", "important", "informative", "success", "warning"] as const)}
        size={this.random.pick(["medium", "large", "extra-large"] as const)}
      >
        {this.slot(this.caption(this.words.word()))}
      </Badge>,
    )} `;
  }

  override pager(): string {
    const page = (text: string, here: boolean) =>
      this.paint(
        <Button data-el="button" appearance={here ? "primary" : "subtle"} size={this.size}>
          {text}
        </Button>,
      );
    return `<div class="own-row-of">${this.iconButton()}${this.times(3, 6, (index) => page(`${index + 1}`, index === 1))}${this.iconButton()}</div>`;
  }
}
