/** @jsxRuntime automatic */
import { createCache, extractStyle, StyleProvider } from "@ant-design/cssinjs";
import * as icons from "@ant-design/icons";
import {
  Alert,
  Avatar,
  Button,
  Card,
  Checkbox,
  ConfigProvider,
  DatePicker,
  Input,
  InputNumber,
  Menu,
  Pagination,
  Radio,
  Segmented,
  Select,
  Slider,
  Space,
  Switch,
  Table,
  Tabs,
  Tag,
  Typography,
  theme,
} from "antd";
import type { ReactElement, ReactNode } from "react";
import { glyphs } from "./glyphs.ts";
import { ReactWidgets } from "./react_widgets.ts";

const colours = ["default", "primary", "danger", "blue", "purple", "cyan", "green", "magenta", "orange"] as const;

/** Ant Design. */
export class AntdWidgets extends ReactWidgets {
  private readonly cache = createCache();
  private readonly dark = this.random.chance(0.4);
  private readonly size = this.random.weighted([
    ["middle", 5],
    ["small", 2],
    ["large", 2],
  ] as const);
  private readonly shape = this.random.chance(0.15) ? "round" : "default";
  private readonly variant = this.random.pick(["outlined", "outlined", "outlined", "filled", "underlined"] as const);
  private readonly asMenu = this.random.chance(0.5);
  private readonly tabKind = this.random.pick(["line", "line", "card", "editable-card", "segmented"] as const);
  private readonly tableSize = this.random.pick(["small", "middle", "large"] as const);
  private readonly bordered = this.random.chance(0.4);
  private readonly sortable = this.random.chance(0.35);
  private readonly own = this.random.chance(0.6);
  private readonly look = {
    algorithm: [
      this.dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
      ...(this.random.chance(0.3) ? [theme.compactAlgorithm] : []),
    ],
    token: {
      fontFamily: "var(--page-font)",
      ...(this.own
        ? {
            colorPrimary: this.accent(),
            borderRadius: this.random.pick([0, 2, 4, 8, 12]),
            fontSize: this.random.pick([12, 13, 14, 15, 16]),
            controlHeight: this.random.pick([28, 32, 36, 40]),
          }
        : {}),
    },
  };

  protected override provided(element: ReactElement): ReactElement {
    return (
      <StyleProvider cache={this.cache}>
        <ConfigProvider theme={this.look} componentSize={this.size}>
          {element}
        </ConfigProvider>
      </StyleProvider>
    );
  }

  override style(): string {
    const token = theme.getDesignToken(this.look);
    return `${extractStyle(this.cache, true)} :root{color-scheme:${this.dark ? "dark" : "light"}} body{background:${token.colorBgLayout};color:${token.colorText};font-size:${token.fontSize}px} .own-dialog,.own-popup,.own-top{background:${token.colorBgElevated}} .ant-list-row{border-bottom:1px solid ${token.colorSplit};padding:${token.paddingXS}px ${token.paddingSM}px;display:flex;gap:10px;align-items:center}`;
  }

  private icon(): ReactNode {
    const Glyph = this.random.pick(glyphs);
    return <Glyph />;
  }

  override button(text = this.words.phrase(1, 2)): string {
    const variant = this.random.weighted([
      ["solid", 5],
      ["outlined", 6],
      ["filled", 2],
      ["dashed", 1],
      ["text", 1],
      ["link", 1],
    ] as const);
    const colour =
      variant === "outlined" && this.random.chance(0.6)
        ? "default"
        : variant === "solid" && this.random.chance(0.6)
          ? "primary"
          : this.random.pick(colours);
    const icon = this.random.chance(0.3) ? this.icon() : undefined;
    const button = (
      <Button
        data-el="button"
        color={colour}
        variant={variant}
        shape={this.shape}
        icon={icon}
        iconPlacement={this.random.chance(0.2) ? "end" : "start"}
        disabled={this.random.chance(0.07)}
        loading={this.random.chance(0.03)}
      >
        {text}
      </Button>
    );
    if (!this.random.chance(0.08)) return `${this.paint(button)} `;
    return `${this.paint(
      <Space.Compact>
        {button}
        <Button data-el="icon" color={colour} variant={variant} icon={<icons.DownOutlined />} />
      </Space.Compact>,
    )} `;
  }

  override iconButton(): string {
    const variant = this.random.pick(["text", "text", "outlined", "filled", "solid"] as const);
    return `${this.paint(
      <Button
        data-el="icon"
        color={this.random.chance(0.7) ? "default" : this.random.pick(colours)}
        variant={variant}
        shape={this.random.chance(0.4) ? "circle" : "default"}
        icon={this.icon()}
      />,
    )} `;
  }

  override link(text = this.words.phrase(1, 3)): string {
    return `${this.paint(
      <Typography.Link href="#" underline={this.random.chance(0.3)}>
        {this.slot(this.written("link", text))}
      </Typography.Link>,
    )} `;
  }

  override heading(level = this.random.int(1, 5), text = this.words.phrase(1, 4)): string {
    const known = ([1, 2, 3, 4, 5] as const).find((one) => one === level) ?? 5;
    return this.paint(
      <Typography.Title level={known} style={{ margin: "4px 0" }}>
        {this.slot(this.written("heading", text))}
      </Typography.Title>,
    );
  }

  override bareInput(): string {
    const filled = this.random.chance(0.5);
    const common = {
      variant: this.variant,
      placeholder: this.words.phrase(1, 3),
      ...(filled ? { defaultValue: this.words.phrase(1, 3) } : {}),
    };
    const framed = { "ant-input-affix-wrapper": "input" };
    return this.random.weighted([
      [() => this.paint(<Input data-el="input" {...common} />), 5],
      [() => this.paint(<Input {...common} prefix={this.icon()} />, framed), 3],
      [() => this.paint(<Input {...common} suffix={this.icon()} allowClear />, framed), 1],
      [() => this.paint(<Input.Password {...common} />, framed), 2],
      [
        () =>
          this.paint(
            <Space.Compact block>
              <Input data-el="input" {...common} />
              <Button
                data-el="icon"
                type={this.random.chance(0.5) ? "primary" : "default"}
                icon={<icons.SearchOutlined />}
              />
            </Space.Compact>,
          ),
        1,
      ],
      [
        () =>
          this.paint(
            <InputNumber
              variant={this.variant}
              defaultValue={this.random.int(0, 900)}
              mode={this.random.chance(0.2) ? "spinner" : "input"}
              style={{ width: "100%" }}
            />,
            { "ant-input-number": "input" },
          ),
        1,
      ],
      [
        () =>
          this.paint(<DatePicker variant={this.variant} placeholder={common.placeholder} style={{ width: "100%" }} />, {
            "ant-picker": "input",
          }),
        1,
      ],
    ] as const)();
  }

  override area(): string {
    return this.field(this.paint(<Input.TextArea data-el="input" variant={this.variant} {...this.areaContent()} />));
  }

  override select(): string {
    const text = this.words.phrase(1, 2);
    const chosen = this.random.chance(0.75);
    return this.field(
      this.paint(
        <Select
          data-el="select"
          variant={this.variant}
          placeholder={text}
          {...(chosen ? { defaultValue: text } : {})}
          options={[{ value: text, label: text }]}
          {...(this.random.chance(0.2) ? { prefix: this.icon() } : {})}
          disabled={this.random.chance(0.06)}
          style={{ width: "100%", minWidth: 90 }}
        />,
      ),
    );
  }

  override choice(kind: "checkbox" | "radio"): string {
    const Mark = kind === "radio" ? Radio : Checkbox;
    return `<div style="padding:3px 0">${this.paint(
      <Mark defaultChecked={this.random.chance(0.45)} disabled={this.random.chance(0.05)}>
        {this.slot(this.caption())}
      </Mark>,
      { "ant-checkbox": "checkbox", "ant-radio": "radio" },
    )}</div>`;
  }

  override toggle(): string {
    const control = this.paint(
      <Switch
        data-el="toggle"
        defaultChecked={this.random.chance(0.5)}
        size={this.random.chance(0.3) ? "small" : "medium"}
        disabled={this.random.chance(0.05)}
        {...(this.random.chance(0.15) ? { checkedChildren: "I", unCheckedChildren: "O" } : {})}
      />,
    );
    return this.switchRow(control, 10, "padding:5px 0;");
  }

  override slider(): string {
    const at = this.random.int(5, 95);
    const dots = this.random.chance(0.2);
    const one = <Slider defaultValue={at} {...(dots ? { step: 10, dots } : {})} />;
    const two = <Slider range defaultValue={[at / 2, at]} />;
    return this.field(this.paint(this.random.chance(0.2) ? two : one, { "ant-slider": "slider" }));
  }

  override tabs(): string {
    const items = Array.from({ length: this.random.int(2, 6) }, (_, index) => ({
      key: `${index}`,
      value: `${index}`,
      label: this.words.phrase(1, 2),
      ...(this.random.chance(0.2) ? { icon: this.icon() } : {}),
    }));
    const active = `${this.random.int(0, items.length - 1)}`;
    if (this.tabKind === "segmented")
      return `<div style="padding:6px 0">${this.paint(<Segmented defaultValue={active} options={items} />, { "ant-segmented-item": "tab" })}</div>`;
    const html = this.paint(<Tabs type={this.tabKind} defaultActiveKey={active} items={items} />, {
      "ant-tabs-tab": "tab",
      "ant-tabs-tab-remove": "icon",
      "ant-tabs-nav-add": "icon",
    });
    // The line below the chosen tab is placed by a script in the browser.
    return html.replace(
      /(class="ant-tabs-tab ant-tabs-tab-active")/,
      this.tabKind === "line" ? '$1 style="box-shadow:inset 0 -2px currentColor"' : "$1",
    );
  }

  override menu(): string {
    const items = Array.from({ length: this.random.int(3, 8) }, (_, index) =>
      index > 0 && this.random.chance(0.12)
        ? { key: `${index}`, type: "divider" as const }
        : {
            key: `${index}`,
            label: this.words.phrase(1, 3),
            danger: this.random.chance(0.06),
            disabled: this.random.chance(0.06),
            ...(this.random.chance(0.4) ? { icon: this.icon() } : {}),
          },
    );
    return `<div data-layer style="min-width:170px">${this.paint(
      <Menu mode="vertical" selectedKeys={this.random.chance(0.3) ? ["1"] : []} items={items} />,
      { "ant-menu-item": "menu_item" },
    )}</div>`;
  }

  override list(from = 3, to = 9): string {
    const length = this.random.int(from, to);
    const active = this.random.int(0, 12);
    if (this.asMenu) {
      const withIcons = this.random.chance(0.6);
      const items = Array.from({ length }, (_, index) => ({
        key: `${index}`,
        label: this.words.phrase(1, 3),
        ...(withIcons ? { icon: this.icon() } : {}),
      }));
      return this.paint(
        <Menu
          mode="inline"
          theme={this.random.chance(0.2) ? "dark" : "light"}
          selectedKeys={[`${active}`]}
          items={items}
        />,
        { "ant-menu-item": "list_item" },
      );
    }
    const picture = this.random.chance(0.5);
    const second = this.random.chance(0.5);
    return `<div>${Array.from({ length }, () => {
      const avatar = picture
        ? this.paint(<Avatar icon={this.icon()} style={{ background: this.accent(), flex: "none" }} />)
        : "";
      const lines = this.paint(
        <div>
          <Typography.Text strong={second}>{this.words.phrase(1, 4)}</Typography.Text>
          {second ? (
            <div>
              <Typography.Text type="secondary">{this.words.phrase(2, 6)}</Typography.Text>
            </div>
          ) : null}
        </div>,
      );
      return `<div class="ant-list-row" data-el="list_item">${avatar}${lines}</div>`;
    }).join("")}</div>`;
  }

  override table(): string {
    const actions = this.random.chance(0.4);
    const width = this.random.int(2, 6);
    const columns = Array.from({ length: width }, (_, index) => {
      const title = this.words.phrase(1, 1);
      return {
        key: `${index}`,
        dataIndex: `${index}`,
        title: this.sortable ? title : this.slot(this.caption(title)),
        ...(this.sortable ? { sorter: true } : {}),
      };
    });
    const cell = (index: number) => this.cellContent(index === 0, 0.12);
    const rows = Array.from({ length: this.random.int(3, 9) }, (_, row) => ({
      key: `${row}`,
      actions: this.slot(this.iconButton() + this.iconButton()),
      ...Object.fromEntries(columns.map(({ key }, index) => [key, this.slot(cell(index))])),
    }));
    return this.paint(
      <Table
        size={this.tableSize}
        bordered={this.bordered}
        pagination={false}
        columns={actions ? [...columns, { key: "actions", dataIndex: "actions", title: "" }] : columns}
        dataSource={rows}
        {...(this.random.chance(0.4) ? { rowSelection: { selectedRowKeys: ["1"], onChange: () => undefined } } : {})}
      />,
      { "ant-checkbox": "checkbox", "ant-table-column-has-sorters": "button" },
    );
  }

  override card(content: string, grow = ""): string {
    const html = this.paint(
      <Card hoverable={this.random.chance(0.2)} variant={this.random.chance(0.75) ? "outlined" : "borderless"}>
        {this.slot(content)}
      </Card>,
    );
    return `<section style="${grow}">${html}</section>`;
  }

  override alert(): string {
    const closes = this.random.chance(0.5);
    return this.paint(
      <Alert
        type={this.random.pick(["success", "info", "warning", "error"] as const)}
        title={this.slot(this.caption(this.words.sentence()))}
        {...(this.random.chance(0.4) ? { description: this.slot(this.text(1)) } : {})}
        showIcon={this.random.chance(0.7)}
        {...(closes ? { closable: true } : {})}
      />,
      { "ant-alert-icon": "icon", "ant-alert-close-icon": "icon" },
    );
  }

  override badge(): string {
    const colour = this.random.pick(["default", "blue", "green", "red", "gold", "purple", "cyan"]);
    return `${this.paint(<Tag color={colour}>{this.slot(this.caption(this.words.word()))}</Tag>)} `;
  }

  override pager(): string {
    return `<div style="padding:10px 0">${this.paint(
      <Pagination
        total={this.random.int(20, 120)}
        defaultCurrent={2}
        showSizeChanger={this.random.chance(0.3)}
        simple={this.random.chance(0.1)}
      />,
      {
        "ant-pagination-item": "button",
        "ant-pagination-item-link": "icon",
        "ant-pagination-options-size-changer": "select",
        "ant-pagination-simple-pager": "input",
      },
    )}</div>`;
  }
}
