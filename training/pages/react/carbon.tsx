/** @jsxRuntime automatic */
import {
  Button,
  Checkbox,
  ComboBox,
  ContainedList,
  ContainedListItem,
  ContentSwitcher,
  Dropdown,
  FeatureFlags,
  InlineNotification,
  Link,
  Menu,
  MenuItem,
  MenuItemDivider,
  NumberInput,
  Pagination,
  PaginationNav,
  PasswordInput,
  RadioButton,
  Search,
  Select,
  SelectItem,
  SideNavItems,
  SideNavLink,
  Slider,
  Switch,
  Tab,
  TabList,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  TableSelectAll,
  TableSelectRow,
  Tabs,
  Tag,
  TextArea,
  TextInput,
  Tile,
  Toggle,
} from "@carbon/react";
import type { ReactElement, ReactNode } from "react";
import { glyphs } from "./glyphs.ts";
import { type Marks, ReactWidgets } from "./react_widgets.ts";

const sizes = ["sm", "md", "md", "lg"] as const;
const themes = ["white", "white", "g10", "g10", "g90", "g100"] as const;
const tagColours = ["red", "magenta", "purple", "blue", "cyan", "teal", "green", "gray", "warm-gray"] as const;
/** Sizes of Carbon's heading styles, px. */
const headings = [42, 32, 28, 20, 16] as const;

const ignore = () => undefined;

/** IBM's Carbon Design System. */
export class CarbonWidgets extends ReactWidgets {
  private readonly theme = this.random.pick(themes);
  private readonly size = this.random.pick(sizes);
  private readonly asSideNav = this.random.chance(0.6);
  private readonly tabKind = this.random.pick(["line", "line", "contained", "switcher"] as const);
  private readonly sortable = this.random.chance(0.35);
  private readonly tableSize = this.random.pick(["xs", "sm", "md", "lg", "xl"] as const);
  private readonly own = this.random.chance(0.4) ? this.accent() : undefined;
  private ids = 0;

  protected override provided(element: ReactElement): ReactElement {
    return <FeatureFlags enableV12DynamicFloatingStyles>{element}</FeatureFlags>;
  }

  /** A check box is drawn as its label's ::before. */
  protected override paint(element: ReactElement, marks: Marks = {}): string {
    return super
      .paint(element, { ...marks, "cds--checkbox-label": "mark" })
      .replaceAll('data-el="mark"', 'data-mark="checkbox"')
      .replace(/<span class="cds--visually-hidden">[^<]*<\/span>/g, "");
  }

  override attributes(): string {
    return `class="cds--${this.theme}"`;
  }

  override style(): string {
    const dark = this.theme === "g90" || this.theme === "g100";
    const brand =
      this.own === undefined
        ? ""
        : `.cds--${this.theme}{${["button-primary", "border-interactive", "link-primary", "interactive"].map((name) => `--cds-${name}:${this.own};`).join("")}}`;
    // Parts that a script of the library would place or show stand as they are then.
    return `${brand} :root{color-scheme:${dark ? "dark" : "light"}} [class*=cds--]{font-family:var(--page-font)!important} body{background:var(--cds-background);color:var(--cds-text-primary)} .own-dialog,.own-popup,.own-top{background:var(--cds-layer-01)} .cds--menu{position:static!important;visibility:visible!important;opacity:1!important;inline-size:100%!important;max-inline-size:none!important} .cds--slider{padding:7px 0!important;min-inline-size:80px!important} .cds--slider-container{inline-size:100%} .cds--side-nav__link{cursor:pointer} .cds--tooltip-content,.cds--popover-caret{display:none!important}`;
  }

  private id(): string {
    this.ids += 1;
    return `carbon-${this.ids}`;
  }

  private icon(): ReactNode {
    const Glyph = this.random.pick(glyphs);
    return <Glyph style={{ fontSize: 16, display: "inline-flex" }} />;
  }

  private glyphOf() {
    const Glyph = this.random.pick(glyphs);
    return ({ className }: { readonly className?: string }) => <Glyph className={className} />;
  }

  override button(text = this.words.phrase(1, 2)): string {
    return `${this.paint(
      <Button
        data-el="button"
        kind={this.random.weighted([
          ["primary", 5],
          ["secondary", 3],
          ["tertiary", 3],
          ["ghost", 2],
          ["danger", 1],
        ] as const)}
        size={this.random.chance(0.7) ? this.size : this.random.pick(sizes)}
        disabled={this.random.chance(0.07)}
        {...(this.random.chance(0.3) ? { renderIcon: this.glyphOf() } : {})}
      >
        {text}
      </Button>,
    )} `;
  }

  override iconButton(): string {
    const kind = this.random.pick(["ghost", "ghost", "ghost", "primary", "secondary", "tertiary"]);
    const size = this.random.pick(["sm", "sm", "md"]);
    return `${this.paint(
      <button
        type="button"
        data-el="icon"
        className={`cds--btn cds--btn--icon-only cds--btn--${size} cds--layout--size-${size} cds--btn--${kind}`}
      >
        {this.icon()}
      </button>,
    )} `;
  }

  override link(text = this.words.phrase(1, 3)): string {
    return `${this.paint(
      <Link href="#" inline={this.random.chance(0.3)}>
        {this.slot(this.written("link", text))}
      </Link>,
    )} `;
  }

  override heading(level = this.random.int(1, 5), text = this.words.phrase(1, 4)): string {
    const size = headings[level - 1] ?? 16;
    const weight = size <= 16 ? 600 : this.random.pick([300, 400]);
    return `<div style="font-size:${size}px;font-weight:${weight};line-height:1.25;margin:6px 0">${this.written("heading", text)}</div>`;
  }

  override bareInput(): string {
    const id = this.id();
    const content = this.fieldContent();
    const common = { id, size: this.size, labelText: "", hideLabel: true, disabled: this.random.chance(0.05) };
    const marks = { "cds--text-input": "input" };
    return this.random.weighted([
      [() => this.paint(<TextInput {...common} {...content} invalid={this.random.chance(0.08)} />, marks), 6],
      [() => this.paint(<PasswordInput {...common} {...content} />, marks), 2],
      [
        () =>
          this.paint(<Search id={id} size={this.size} labelText="" placeholder={this.words.phrase(1, 2)} />, {
            "cds--search": "input",
          }),
        2,
      ],
      [
        () =>
          this.paint(
            <NumberInput id={id} size={this.size} label="" hideLabel defaultValue={this.random.int(0, 900)} />,
            { "cds--number__input-wrapper": "input" },
          ),
        1,
      ],
    ] as const)();
  }

  override area(): string {
    return this.field(
      this.paint(<TextArea data-el="input" id={this.id()} labelText="" hideLabel {...this.areaContent()} />),
    );
  }

  override select(): string {
    const text = this.words.phrase(1, 2);
    const common = { id: this.id(), size: this.size, disabled: this.random.chance(0.06) };
    const chosen = this.random.chance(0.75) ? { initialSelectedItem: text } : {};
    return this.field(
      this.random.weighted([
        [
          () =>
            this.paint(
              <Select {...common} labelText="" hideLabel>
                <SelectItem value={text} text={text} />
              </Select>,
              { "cds--select-input": "select" },
            ),
          3,
        ],
        [
          () =>
            this.paint(<Dropdown {...common} {...chosen} titleText="" label={text} items={[text]} />, {
              "cds--list-box": "select",
            }),
          3,
        ],
        [
          () =>
            this.paint(
              <ComboBox {...common} {...chosen} titleText="" placeholder={text} items={[text]} onChange={ignore} />,
              {
                "cds--list-box": "select",
              },
            ),
          1,
        ],
      ] as const)(),
    );
  }

  override choice(kind: "checkbox" | "radio"): string {
    const common = {
      id: this.id(),
      defaultChecked: this.random.chance(0.45),
      disabled: this.random.chance(0.05),
    };
    if (kind === "checkbox") return this.paint(<Checkbox {...common} labelText={this.slot(this.caption())} />);
    return `<div style="padding:4px 0">${this.paint(
      <RadioButton {...common} value="one" labelText={this.slot(this.caption())} />,
      { "cds--radio-button__appearance": "radio" },
    )}</div>`;
  }

  override toggle(): string {
    const control = this.paint(
      <Toggle
        id={this.id()}
        labelText=""
        hideLabel
        size={this.random.chance(0.4) ? "sm" : "md"}
        defaultToggled={this.random.chance(0.5)}
        disabled={this.random.chance(0.05)}
      />,
      { "cds--toggle__switch": "toggle" },
    );
    return this.switchRow(control, 12, "padding:4px 0;");
  }

  override slider(): string {
    const at = this.random.int(5, 95);
    const html = this.paint(<Slider id={this.id()} min={0} max={100} value={at} hideTextInput />, {
      "cds--slider": "slider",
      "cds--slider__range-label": "text",
    });
    // A script of the library would put the thumb there.
    return this.field(
      html
        .replace("inset-inline-start:0%", `inset-inline-start:${at}%`)
        .replace(
          'class="cds--slider__filled-track"',
          `class="cds--slider__filled-track" style="transform:translate(0,-50%) scaleX(${at / 100})"`,
        ),
    );
  }

  override tabs(): string {
    const keys = Array.from({ length: this.random.int(2, 6) }, (_, index) => `${index}`);
    const chosen = this.random.int(0, keys.length - 1);
    if (this.tabKind === "switcher") {
      const html = this.paint(
        <ContentSwitcher selectedIndex={chosen} onChange={ignore}>
          {keys.map((key) => (
            <Switch key={key} name={key} text={this.words.phrase(1, 1)} />
          ))}
        </ContentSwitcher>,
        { "cds--content-switcher-btn": "tab" },
      );
      return `<div style="padding:6px 0">${html}</div>`;
    }
    return this.paint(
      <Tabs defaultSelectedIndex={chosen}>
        <TabList aria-label="tabs" contained={this.tabKind === "contained"}>
          {keys.map((key) => (
            <Tab key={key}>{this.words.phrase(1, 2)}</Tab>
          ))}
        </TabList>
      </Tabs>,
      { "cds--tabs__nav-item": "tab" },
    );
  }

  override menu(): string {
    const keys = this.random.chance(0.3);
    const rows = Array.from({ length: this.random.int(3, 8) }, (_, index) => `${index}`);
    const html = this.paint(
      <Menu open label="" size={this.random.pick(["xs", "sm", "md", "lg"] as const)}>
        {rows.map((key) =>
          key !== "0" && this.random.chance(0.1) ? (
            <MenuItemDivider key={key} />
          ) : (
            <MenuItem
              key={key}
              label={this.words.phrase(1, 3)}
              disabled={this.random.chance(0.06)}
              kind={this.random.chance(0.06) ? "danger" : "default"}
              {...(keys ? { shortcut: this.shortcut() } : {})}
            />
          ),
        )}
      </Menu>,
      { "cds--menu-item": "menu_item" },
    );
    return `<div data-layer style="min-width:180px;width:fit-content">${html}</div>`;
  }

  override list(from = 3, to = 9): string {
    const rows = Array.from({ length: this.random.int(from, to) }, (_, index) => index);
    const chosen = this.random.int(0, 12);
    const withIcons = this.random.chance(0.5);
    if (this.asSideNav) {
      return this.paint(
        <SideNavItems>
          {rows.map((row) => (
            <SideNavLink
              key={row}
              href="#"
              isActive={row === chosen}
              {...(withIcons ? { renderIcon: this.glyphOf() } : {})}
            >
              {this.words.phrase(1, 3)}
            </SideNavLink>
          ))}
        </SideNavItems>,
        { "cds--side-nav__link": "list_item" },
      );
    }
    return this.paint(
      <ContainedList
        label={this.slot(this.written("heading", this.words.phrase(1, 2)))}
        size={this.random.pick(["sm", "md", "lg"] as const)}
        kind={this.random.pick(["on-page", "disclosed"] as const)}
      >
        {rows.map((row) => (
          <ContainedListItem key={row} onClick={ignore} {...(withIcons ? { renderIcon: this.glyphOf() } : {})}>
            {this.words.phrase(1, 5)}
          </ContainedListItem>
        ))}
      </ContainedList>,
      { "cds--contained-list-item__content": "list_item" },
    );
  }

  override table(): string {
    const keys = Array.from({ length: this.random.int(2, 6) }, (_, index) => `${index}`);
    const rows = Array.from({ length: this.random.int(3, 9) }, (_, index) => `${index}`);
    const [actions, checks] = [this.random.chance(0.4), this.random.chance(0.35)];
    const head = (key: string) => {
      const title = this.words.phrase(1, 1);
      return (
        <TableHeader
          key={key}
          isSortable={this.sortable}
          isSortHeader={this.sortable && key === "1"}
          sortDirection={key === "1" ? "ASC" : "NONE"}
        >
          {this.sortable ? title : this.slot(this.caption(title))}
        </TableHeader>
      );
    };
    return this.paint(
      <Table size={this.tableSize} useZebraStyles={this.random.chance(0.3)}>
        <TableHead>
          <TableRow>
            {checks ? <TableSelectAll id={this.id()} name="all" onSelect={ignore} checked={false} /> : null}
            {keys.map(head)}
            {actions ? <TableHeader /> : null}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row}>
              {checks ? (
                <TableSelectRow
                  id={this.id()}
                  name={row}
                  aria-label="row"
                  onSelect={ignore}
                  checked={this.random.chance(0.25)}
                />
              ) : null}
              {keys.map((key) => (
                <TableCell key={key}>{this.slot(this.cellContent(key === "0"))}</TableCell>
              ))}
              {actions ? <TableCell>{this.slot(this.iconButton() + this.iconButton())}</TableCell> : null}
            </TableRow>
          ))}
        </TableBody>
      </Table>,
      { "cds--table-sort": "button" },
    );
  }

  override card(content: string, grow = ""): string {
    return `<section style="${grow}">${this.paint(<Tile>{this.slot(content)}</Tile>)}</section>`;
  }

  override alert(): string {
    return this.paint(
      <InlineNotification
        kind={this.random.pick(["error", "info", "info-square", "success", "warning", "warning-alt"] as const)}
        title={this.slot(this.written("heading", this.words.phrase(1, 2)))}
        subtitle={this.slot(this.caption(this.words.sentence()))}
        lowContrast={this.random.chance(0.6)}
        hideCloseButton={this.random.chance(0.4)}
      />,
      { "cds--inline-notification__icon": "icon", "cds--inline-notification__close-button": "icon" },
    );
  }

  override badge(): string {
    // Plain text would stand in the tag's title as well.
    return `${this.paint(
      <Tag type={this.random.pick(tagColours)} size={this.random.pick(["sm", "md"] as const)}>
        <span>{this.slot(this.caption(this.words.word()))}</span>
      </Tag>,
    )} `;
  }

  override pager(): string {
    const html = this.random.chance(0.5)
      ? this.paint(<PaginationNav totalItems={this.random.int(3, 9)} page={1} size={this.size} />, {
          "cds--pagination-nav__page": "button",
          "cds--btn--icon-only": "icon",
        })
      : this.paint(
          <Pagination pageSizes={[10, 20]} totalItems={this.random.int(20, 190)} page={1} size={this.size} />,
          {
            "cds--select-input": "select",
            "cds--pagination__text": "text",
            "cds--btn--icon-only": "icon",
          },
        );
    return `<div style="padding:8px 0">${html}</div>`;
  }
}
