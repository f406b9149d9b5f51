/** @jsxRuntime automatic */
import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import {
  Alert,
  Avatar,
  Button,
  Card,
  CardContent,
  Checkbox,
  Chip,
  createTheme,
  Fab,
  FormControlLabel,
  IconButton,
  InputAdornment,
  Link,
  ListItemAvatar,
  ListItemButton,
  ListItemIcon,
  ListItemText,
  MenuItem,
  MenuList,
  Pagination,
  Paper,
  Radio,
  Slider,
  Switch,
  Tab,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TableSortLabel,
  Tabs,
  TextField,
  ThemeProvider,
  Typography,
} from "@mui/material";
import type { ReactElement, ReactNode } from "react";
import { glyphs } from "./glyphs.ts";
import { ReactWidgets } from "./react_widgets.ts";

const colours = ["primary", "secondary", "success", "error", "info", "warning"] as const;
const headings = ["h3", "h4", "h5", "h6", "subtitle1"] as const;

/** Material UI. */
export class MuiWidgets extends ReactWidgets {
  // With `compat` styles are kept in the cache instead of being written beside each element.
  private readonly cache = Object.assign(createCache({ key: "mui" }), { compat: true as const });
  private readonly dark = this.random.chance(0.4);
  private readonly small = this.random.chance(0.5);
  private readonly variant = this.random.weighted([
    ["outlined", 4],
    ["filled", 1],
    ["standard", 1],
  ] as const);
  private readonly labelled = this.random.chance(0.5);
  private readonly sortable = this.random.chance(0.35);
  private readonly upper = this.random.chance(0.5);
  private readonly theme = createTheme({
    palette: {
      mode: this.dark ? "dark" : "light",
      ...(this.random.chance(0.6) ? { primary: { main: this.accent() }, secondary: { main: this.accent() } } : {}),
    },
    shape: { borderRadius: this.random.pick([0, 2, 4, 4, 8, 12]) },
    spacing: this.random.pick([6, 8, 8]),
    typography: {
      fontFamily: "var(--page-font)",
      fontSize: this.random.pick([12, 14, 14, 15]),
      button: { textTransform: this.upper ? "uppercase" : "none" },
    },
  });

  protected override provided(element: ReactElement): ReactElement {
    return (
      <CacheProvider value={this.cache}>
        <ThemeProvider theme={this.theme}>{element}</ThemeProvider>
      </CacheProvider>
    );
  }

  override style(): string {
    const { palette, typography } = this.theme;
    const rules = Object.values(this.cache.inserted).filter((rule) => typeof rule === "string");
    // What is drawn above marks and tracks takes no pointer, so that they count as the topmost.
    return `${rules.join("")} :root{color-scheme:${palette.mode}} body{background:${palette.background.default};color:${palette.text.primary};font-size:${typography.fontSize}px} .own-dialog,.own-popup,.own-top{background:${palette.background.paper}} .MuiCheckbox-root input,.MuiRadio-root input,.MuiSwitch-switchBase{pointer-events:none} .MuiTab-root.Mui-selected{box-shadow:inset 0 -2px}`;
  }

  private icon(size = "inherit"): ReactNode {
    const Glyph = this.random.pick(glyphs);
    return <Glyph style={{ fontSize: size, display: "inline-flex" }} />;
  }

  override button(text = this.words.phrase(1, 2)): string {
    const end = this.random.chance(0.3);
    const icon = this.random.chance(0.3) ? { [end ? "endIcon" : "startIcon"]: this.icon() } : {};
    return `${this.paint(
      <Button
        data-el="button"
        variant={this.random.pick(["contained", "contained", "outlined", "outlined", "text"] as const)}
        color={this.random.chance(0.7) ? "primary" : this.random.pick(["inherit", ...colours] as const)}
        size={this.random.weighted([
          ["medium", 4],
          ["small", 2],
          ["large", 1],
        ] as const)}
        disabled={this.random.chance(0.07)}
        {...icon}
      >
        {text}
      </Button>,
    )} `;
  }

  override iconButton(): string {
    const colour = this.random.chance(0.7) ? "inherit" : this.random.pick(colours);
    const size = this.random.pick(["small", "medium"] as const);
    const button = this.random.chance(0.08) ? (
      <Fab data-el="icon" color={colour} size={size}>
        {this.icon("20px")}
      </Fab>
    ) : (
      <IconButton data-el="icon" color={colour} size={size}>
        {this.icon()}
      </IconButton>
    );
    return `${this.paint(button)} `;
  }

  override link(text = this.words.phrase(1, 3)): string {
    return `${this.paint(
      <Link href="#" underline={this.random.pick(["none", "always"] as const)}>
        {this.slot(this.written("link", text))}
      </Link>,
    )} `;
  }

  override heading(level = this.random.int(1, 5), text = this.words.phrase(1, 4)): string {
    const heavy = level >= 5 ? { sx: { fontWeight: 700 } } : {};
    return this.paint(
      <Typography variant={headings[level - 1] ?? "h6"} {...heavy}>
        {this.slot(this.written("heading", text))}
      </Typography>,
    );
  }

  /** A field whose caption lies on or above its frame. */
  private captioned(control: (label: ReactNode) => string): string {
    if (!this.labelled || this.variant === "filled") return this.field(control(undefined));
    return `<div class="field-box" style="padding-top:8px">${control(this.slot(this.caption()))}</div>`;
  }

  private textField(
    label: ReactNode,
    more: Readonly<Record<string, unknown>>,
    start: ReactNode,
    end: ReactNode,
  ): string {
    return this.paint(
      <TextField
        fullWidth
        variant={this.variant}
        size={this.small ? "small" : "medium"}
        hiddenLabel={label === undefined}
        {...(label === undefined ? {} : { label })}
        disabled={this.random.chance(0.05)}
        error={this.random.chance(0.06)}
        slotProps={{
          inputLabel: { shrink: true },
          input: {
            ...(start === undefined
              ? {}
              : { startAdornment: <InputAdornment position="start">{start}</InputAdornment> }),
            ...(end === undefined ? {} : { endAdornment: <InputAdornment position="end">{end}</InputAdornment> }),
          },
        }}
        {...more}
      />,
      { "MuiInputBase-root": more.select === true ? "select" : "input" },
    );
  }

  private anyInput(label: ReactNode): string {
    const type = this.random.weighted([
      ["text", 7],
      ["password", 2],
      ["number", 1],
    ] as const);
    const content = type === "number" ? { defaultValue: this.random.int(0, 900) } : this.fieldContent();
    return this.textField(
      label,
      { type, ...content },
      this.random.chance(0.25) ? this.icon() : undefined,
      type === "password" || this.random.chance(0.15) ? this.icon("20px") : undefined,
    );
  }

  override bareInput(): string {
    return this.anyInput(undefined);
  }

  override input(): string {
    return this.captioned((label) => this.anyInput(label));
  }

  override area(): string {
    const rows = this.random.int(2, 5);
    return this.captioned((label) =>
      this.textField(label, { multiline: true, rows, ...this.fieldContent() }, undefined, undefined),
    );
  }

  override select(): string {
    const text = this.words.phrase(1, 2);
    const children = [
      <MenuItem key="one" value={text}>
        {text}
      </MenuItem>,
    ];
    return this.captioned((label) =>
      this.textField(label, { select: true, defaultValue: text, children }, undefined, undefined),
    );
  }

  override choice(kind: "checkbox" | "radio"): string {
    const Mark = kind === "radio" ? Radio : Checkbox;
    const html = this.paint(
      <FormControlLabel
        control={
          <Mark
            defaultChecked={this.random.chance(0.45)}
            size={this.small ? "small" : "medium"}
            color={this.random.chance(0.7) ? "primary" : this.random.pick(colours)}
          />
        }
        label={this.slot(this.caption())}
        disabled={this.random.chance(0.05)}
      />,
    );
    return `<div>${this.mark(html, kind)}</div>`;
  }

  /** The glyph's outline is the mark; the button around it is three times as large. */
  private mark(html: string, kind: "checkbox" | "radio"): string {
    return html.replace(/(Mui(?:Checkbox|Radio)-root.*?<path)/gs, `$1 data-el="${kind}"`);
  }

  override toggle(): string {
    const control = this.paint(
      <Switch
        defaultChecked={this.random.chance(0.5)}
        size={this.random.chance(0.3) ? "small" : "medium"}
        color={this.random.chance(0.7) ? "primary" : this.random.pick(colours)}
      />,
      { "MuiSwitch-track": "toggle" },
    );
    return this.switchRow(control, 8);
  }

  override slider(): string {
    const at = this.random.int(5, 95);
    const small = this.random.chance(0.4);
    return this.field(
      this.paint(
        <Slider
          data-el="slider"
          size={small ? "small" : "medium"}
          defaultValue={this.random.chance(0.2) ? [at / 2, at] : at}
          {...(this.random.chance(0.2) ? { step: 10, marks: true } : {})}
          sx={{ padding: `${small ? 5 : 8}px 0 !important` }}
        />,
      ),
    );
  }

  override tabs(): string {
    const length = this.random.int(2, 6);
    const withIcons = this.random.chance(0.2);
    return this.paint(
      <Tabs value={this.random.int(0, length - 1)}>
        {Array.from({ length }, (_, index) => `${index}`).map((key) => (
          <Tab
            key={key}
            data-el="tab"
            label={this.words.phrase(1, 2)}
            {...(withIcons ? { icon: <span>{this.icon("18px")}</span>, iconPosition: "start" as const } : {})}
          />
        ))}
      </Tabs>,
    );
  }

  override menu(): string {
    const dense = this.random.chance(0.5);
    const withIcons = this.random.chance(0.4);
    const items = Array.from({ length: this.random.int(3, 8) }, (_, index) => `${index}`);
    return `<div data-layer>${this.paint(
      <Paper elevation={4}>
        <MenuList dense={dense}>
          {items.map((key) => (
            <MenuItem
              key={key}
              data-el="menu_item"
              selected={this.random.chance(0.1)}
              disabled={this.random.chance(0.06)}
            >
              {withIcons ? <ListItemIcon>{this.icon("18px")}</ListItemIcon> : null}
              {this.words.phrase(1, 3)}
            </MenuItem>
          ))}
        </MenuList>
      </Paper>,
    )}</div>`;
  }

  override list(from = 3, to = 9): string {
    const active = this.random.int(0, 12);
    const icon = this.random.chance(0.4);
    const picture = !icon && this.random.chance(0.4);
    const second = this.random.chance(0.4);
    const dense = this.random.chance(0.5);
    return `<div style="width:100%">${this.times(from, to, (index) =>
      this.paint(
        <ListItemButton data-el="list_item" dense={dense} selected={index === active} divider={second}>
          {icon ? <ListItemIcon sx={{ minWidth: 36 }}>{this.icon("20px")}</ListItemIcon> : null}
          {picture ? (
            <ListItemAvatar>
              <Avatar sx={{ bgcolor: this.accent(), width: 34, height: 34 }}>{this.words.word().slice(0, 1)}</Avatar>
            </ListItemAvatar>
          ) : null}
          <ListItemText primary={this.words.phrase(1, 4)} {...(second ? { secondary: this.words.phrase(2, 6) } : {})} />
        </ListItemButton>,
      ),
    )}</div>`;
  }

  override table(): string {
    const keys = Array.from({ length: this.random.int(2, 6) }, (_, index) => `${index}`);
    const rows = Array.from({ length: this.random.int(3, 9) }, (_, index) => `${index}`);
    const [actions, checks] = [this.random.chance(0.4), this.random.chance(0.35)];
    const checkbox = () => (
      <TableCell padding="checkbox">
        <Checkbox size="small" defaultChecked={this.random.chance(0.25)} />
      </TableCell>
    );
    const cell = (key: string) => this.cellContent(key === "0");
    const head = (key: string) =>
      this.sortable ? (
        <TableSortLabel data-el="button" active={key === "1"}>
          {this.words.phrase(1, 1)}
        </TableSortLabel>
      ) : (
        this.slot(this.caption(this.words.phrase(1, 1)))
      );
    const html = this.paint(
      <Table size={this.small ? "small" : "medium"}>
        <TableHead>
          <TableRow>
            {checks ? checkbox() : null}
            {keys.map((key) => (
              <TableCell key={key}>{head(key)}</TableCell>
            ))}
            {actions ? <TableCell /> : null}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row} selected={this.random.chance(0.08)}>
              {checks ? checkbox() : null}
              {keys.map((key) => (
                <TableCell key={key}>{this.slot(cell(key))}</TableCell>
              ))}
              {actions ? <TableCell>{this.slot(this.iconButton() + this.iconButton())}</TableCell> : null}
            </TableRow>
          ))}
        </TableBody>
      </Table>,
    );
    return this.mark(html, "checkbox");
  }

  override card(content: string, grow = ""): string {
    const html = this.paint(
      <Card variant={this.random.chance(0.5) ? "outlined" : "elevation"} elevation={0}>
        <CardContent>{this.slot(content)}</CardContent>
      </Card>,
    );
    return `<section style="${grow}">${html}</section>`;
  }

  override alert(): string {
    return this.paint(
      <Alert
        severity={this.random.pick(["success", "info", "warning", "error"] as const)}
        variant={this.random.pick(["standard", "filled", "outlined"] as const)}
        {...(this.random.chance(0.5) ? { onClose: () => undefined } : {})}
      >
        {this.slot(this.text(1).replace("<p", '<p style="margin:0"'))}
      </Alert>,
      { "MuiAlert-icon": "icon", "MuiIconButton-root": "icon" },
    );
  }

  override badge(): string {
    const clicks = this.random.chance(0.25);
    return `${this.paint(
      <Chip
        {...(clicks ? { "data-el": "button", clickable: true } : {})}
        label={clicks ? this.words.word() : this.slot(this.caption(this.words.word()))}
        size={this.random.chance(0.6) ? "small" : "medium"}
        variant={this.random.chance(0.4) ? "outlined" : "filled"}
        color={this.random.pick(["default", "default", ...colours] as const)}
      />,
    )} `;
  }

  override pager(): string {
    return `<div style="padding:10px 0">${this.paint(
      <Pagination
        count={this.random.int(3, 9)}
        defaultPage={2}
        color={this.random.pick(["standard", "primary"] as const)}
        shape={this.random.pick(["circular", "rounded"] as const)}
        variant={this.random.pick(["text", "outlined"] as const)}
      />,
      { "MuiPaginationItem-page": "button", "MuiPaginationItem-previousNext": "icon" },
    )}</div>`;
  }
}
