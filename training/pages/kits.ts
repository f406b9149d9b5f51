import type { Random } from "./random.ts";
import { randomTheme, themedClasses } from "./theme.ts";

/** Libraries whose parts are React components; `react/libraries.ts` has what draws each. */
export type ReactLibrary = "antd" | "mui" | "mantine" | "fluent" | "carbon";

/**
 * User-interface libraries from the npm registry: style sheets, with the class names that make an element, and React
 * components (`react/`). A page is described once (`widgets.ts`) and looks different in each.
 */
export interface Kit {
  /** Rules of random design for a page, where there is no library. */
  readonly theme?: (random: Random) => string;
  /** Library, as splits are made by it; bootswatch's themes are one library. */
  readonly library: string;
  /** Split of every page in it: a held-out library is never trained on. */
  readonly split: "train" | "validation" | "test";
  /** Style sheets, as paths in node_modules; one is chosen where an entry is a list. */
  readonly sheets: readonly (string | readonly string[])[];
  readonly classes: Partial<Record<Part, string | readonly string[]>>;
  /** Attributes of <html> or <body>, for dark modes; one is chosen. */
  readonly modes?: readonly string[];
  /** Style rules for what the library leaves to the page. */
  readonly extra?: string;
  /** Switches of the library's own making; without it a page draws its own. */
  readonly toggle?: "bootstrap" | "wrapped" | "input";
  /** The library's parts are React components. */
  readonly react?: ReactLibrary;
}

export type Part =
  | "body"
  | "button"
  | "primary"
  | "danger"
  | "small"
  | "group"
  | "input"
  | "area"
  | "select"
  | "selectWrap"
  | "check"
  | "radio"
  | "choice"
  | "range"
  | "link"
  | "card"
  | "cardBody"
  | "table"
  | "list"
  | "item"
  | "itemActive"
  | "nav"
  | "navLink"
  | "tabs"
  | "tab"
  | "tabActive"
  | "tabsInner"
  | "menu"
  | "menuItem"
  | "badge"
  | "field"
  | "label"
  | "container"
  | "alert"
  | "pager"
  | "pagerItem"
  | "pagerLink"
  | "bar";

const swatches = [
  "brite",
  "cerulean",
  "cosmo",
  "cyborg",
  "darkly",
  "flatly",
  "journal",
  "litera",
  "lumen",
  "lux",
  "materia",
  "minty",
  "morph",
  "pulse",
  "quartz",
  "sandstone",
  "simplex",
  "sketchy",
  "slate",
  "solar",
  "spacelab",
  "superhero",
  "united",
  "vapor",
  "yeti",
  "zephyr",
];

const tailwindThemes = [
  "light",
  "light",
  "dark",
  "abyss",
  "aqua",
  "autumn",
  "black",
  "business",
  "coffee",
  "corporate",
  "cupcake",
  "cyberpunk",
  "dim",
  "dracula",
  "emerald",
  "fantasy",
  "forest",
  "lofi",
  "nord",
  "retro",
  "silk",
  "sunset",
  "synthwave",
  "wireframe",
];

const bootstrapClasses: Kit["classes"] = {
  button: ["btn btn-outline-secondary", "btn btn-secondary", "btn btn-light", "btn btn-outline-primary"],
  primary: ["btn btn-primary", "btn btn-success"],
  danger: "btn btn-danger",
  small: "btn-sm",
  group: "btn-group",
  input: "form-control",
  area: "form-control",
  select: "form-select",
  check: "form-check-input",
  radio: "form-check-input",
  choice: "form-check",
  range: "form-range",
  card: "card",
  cardBody: "card-body",
  table: ["table", "table table-striped", "table table-bordered", "table table-sm"],
  list: "list-group",
  item: "list-group-item list-group-item-action",
  itemActive: "active",
  nav: "nav",
  navLink: "nav-link",
  tabs: ["nav nav-tabs", "nav nav-pills", "nav nav-underline"],
  tab: "nav-link",
  tabActive: "active",
  tabsInner: "nav-item",
  menu: "dropdown-menu show position-static",
  menuItem: "dropdown-item",
  badge: "badge bg-secondary",
  field: "mb-3",
  label: "form-label",
  container: "container-fluid",
  alert: ["alert alert-warning", "alert alert-info"],
  pager: "pagination",
  pagerItem: "page-item",
  pagerLink: "page-link",
  bar: "navbar bg-body-tertiary px-3",
};

/** Gives a slider whose box is as thin as its track the height of its thumb, px, so that the box holds both. */
const tallThumb = (height: number): string => `input[type="range"]{height:${height}px}`;

export const kits: readonly Kit[] = [
  {
    library: "bootstrap",
    split: "train",
    sheets: ["bootstrap/dist/css/bootstrap.min.css"],
    modes: ["", 'data-bs-theme="dark"'],
    toggle: "bootstrap",
    classes: bootstrapClasses,
  },
  {
    library: "bootswatch",
    split: "train",
    sheets: [swatches.map((name) => `bootswatch/dist/${name}/bootstrap.min.css`)],
    modes: ["", "", 'data-bs-theme="dark"'],
    toggle: "bootstrap",
    classes: bootstrapClasses,
  },
  {
    library: "tabler",
    split: "train",
    sheets: ["@tabler/core/dist/css/tabler.min.css"],
    modes: ["", 'data-bs-theme="dark"'],
    toggle: "bootstrap",
    classes: { ...bootstrapClasses, button: ["btn", "btn btn-ghost-primary", "btn btn-outline-primary"] },
  },
  {
    library: "uikit",
    split: "train",
    sheets: ["uikit/dist/css/uikit.min.css"],
    classes: {
      button: "uk-button uk-button-default",
      primary: ["uk-button uk-button-primary", "uk-button uk-button-secondary"],
      danger: "uk-button uk-button-danger",
      small: "uk-button-small",
      input: "uk-input",
      area: "uk-textarea",
      select: "uk-select",
      check: "uk-checkbox",
      radio: "uk-radio",
      range: "uk-range",
      card: "uk-card uk-card-default",
      cardBody: "uk-card-body uk-padding-small",
      table: ["uk-table uk-table-divider", "uk-table uk-table-striped"],
      list: "uk-list uk-list-divider",
      tabs: "uk-tab",
      tabsInner: "",
      tabActive: "uk-active",
      menu: "uk-nav uk-dropdown-nav uk-card uk-card-default uk-padding-small",
      field: "uk-margin",
      label: "uk-form-label",
      alert: "uk-alert-warning uk-alert",
      badge: "uk-badge",
      link: ["", "uk-link-muted"],
    },
    extra: tallThumb(15),
  },
  {
    library: "foundation",
    split: "train",
    sheets: ["foundation-sites/dist/css/foundation.min.css"],
    classes: {
      button: ["button secondary", "button hollow", "button clear"],
      primary: ["button", "button success"],
      danger: "button alert",
      small: "small",
      group: "button-group",
      card: "card",
      cardBody: "card-section",
      table: ["", "hover"],
      tabs: "tabs",
      tabsInner: "tabs-title",
      tabActive: "is-active",
      menu: "menu vertical card",
      nav: "menu",
      alert: "callout warning",
      badge: "badge",
      pager: "pagination",
    },
  },
  {
    library: "spectre",
    split: "train",
    sheets: ["spectre.css/dist/spectre.min.css", "spectre.css/dist/spectre-exp.min.css"],
    classes: {
      button: ["btn", "btn btn-link"],
      primary: ["btn btn-primary", "btn btn-success"],
      danger: "btn btn-error",
      small: "btn-sm",
      group: "btn-group",
      input: "form-input",
      area: "form-input",
      select: "form-select",
      range: "slider",
      card: "card",
      cardBody: "card-body",
      table: ["table", "table table-striped table-hover"],
      tabs: "tab tab-block",
      tabsInner: "tab-item",
      tabActive: "active",
      menu: "menu",
      menuItem: "menu-item",
      field: "form-group",
      label: "form-label",
      alert: "toast toast-warning",
      badge: "chip",
      pager: "pagination",
      pagerItem: "page-item",
      nav: "nav",
    },
  },
  {
    library: "govuk",
    split: "train",
    sheets: ["govuk-frontend/dist/govuk/govuk-frontend.min.css"],
    classes: {
      body: "govuk-template__body govuk-body",
      button: "govuk-button govuk-button--secondary",
      primary: "govuk-button",
      danger: "govuk-button govuk-button--warning",
      input: "govuk-input",
      area: "govuk-textarea",
      select: "govuk-select",
      link: "govuk-link",
      table: "govuk-table",
      field: "govuk-form-group",
      label: "govuk-label",
      alert: "govuk-inset-text",
    },
  },
  {
    library: "milligram",
    split: "train",
    sheets: ["milligram/dist/milligram.min.css"],
    classes: { button: ["button button-outline", "button button-clear"], primary: "button" },
  },
  {
    library: "pure",
    split: "train",
    sheets: ["purecss/build/pure-min.css"],
    classes: {
      button: "pure-button",
      primary: "pure-button pure-button-primary",
      table: ["pure-table", "pure-table pure-table-bordered", "pure-table pure-table-horizontal"],
      menu: "pure-menu-list",
      menuItem: "pure-menu-link",
      field: "",
      group: "pure-button-group",
    },
  },
  {
    library: "pico",
    split: "train",
    sheets: [
      ["amber", "blue", "jade", "pink", "slate", "violet", "zinc"].map(
        (colour) => `@picocss/pico/css/pico.${colour}.min.css`,
      ),
    ],
    modes: ['data-theme="light"', 'data-theme="dark"'],
    classes: {
      button: ["secondary", "outline", "contrast"],
      primary: "",
      container: "container-fluid",
      card: "pico-card",
    },
    extra:
      "button{width:auto} .pico-card{background:var(--pico-card-background-color);box-shadow:var(--pico-card-box-shadow);padding:12px;border-radius:6px} html{font-size:87.5%}",
  },
  {
    library: "water",
    split: "train",
    sheets: [["water.css/out/light.min.css", "water.css/out/dark.min.css"]],
    classes: {},
    extra: "body{max-width:none!important}",
  },
  {
    library: "98.css",
    split: "train",
    sheets: ["98.css/dist/98.css"],
    classes: { card: "window", cardBody: "window-body", tabs: "retro-tabs", list: "tree-view" },
    extra: `body{background:#008080;font-size:12px} .window{background:silver} main{background:silver} ${tallThumb(21)}`,
  },
  {
    library: "xp.css",
    split: "train",
    sheets: ["xp.css/dist/XP.css"],
    classes: { card: "window", cardBody: "window-body", list: "tree-view" },
    extra: `body{background:#ece9d8;font-size:12px} ${tallThumb(21)}`,
  },
  {
    library: "7.css",
    split: "train",
    sheets: ["7.css/dist/7.css"],
    classes: { card: "window", cardBody: "window-body has-space", list: "tree-view" },
    extra: "body{background:#dfe8f2;font-size:12px}",
  },
  {
    library: "slds",
    split: "train",
    sheets: ["@salesforce-ux/design-system/assets/styles/salesforce-lightning-design-system.min.css"],
    classes: {
      button: "slds-button slds-button_neutral",
      primary: "slds-button slds-button_brand",
      danger: "slds-button slds-button_destructive",
      input: "slds-input",
      area: "slds-textarea",
      select: "slds-select",
      card: "slds-card",
      cardBody: "slds-card__body slds-card__body_inner",
      table: "slds-table slds-table_cell-buffer slds-table_bordered",
      tabs: "slds-tabs_default__nav",
      tabsInner: "slds-tabs_default__item",
      tabActive: "slds-is-active",
      tab: "slds-tabs_default__link",
      field: "slds-form-element",
      label: "slds-form-element__label",
      badge: "slds-badge",
      alert: "slds-box slds-theme_warning",
    },
  },
  {
    library: "daisyui",
    split: "train",
    sheets: ["daisyui/daisyui.css", "daisyui/themes.css"],
    modes: tailwindThemes.map((name) => `data-theme="${name}"`),
    toggle: "input",
    classes: {
      button: ["btn", "btn btn-outline", "btn btn-soft", "btn btn-ghost", "btn btn-neutral"],
      primary: ["btn btn-primary", "btn btn-secondary", "btn btn-accent"],
      danger: "btn btn-error",
      small: "btn-sm",
      input: ["input", "input input-primary", "input input-ghost"],
      area: ["textarea", "textarea textarea-primary"],
      select: ["select", "select select-primary"],
      check: ["checkbox", "checkbox checkbox-primary", "checkbox checkbox-sm"],
      radio: ["radio", "radio radio-primary", "radio radio-sm"],
      range: ["range", "range range-primary", "range range-sm"],
      link: ["link", "link link-hover", "link link-primary"],
      card: ["card card-border", "card card-border card-sm", "card daisy-raised"],
      cardBody: "card-body",
      table: ["table", "table table-zebra", "table table-sm"],
      list: "list",
      item: "list-row",
      itemActive: "daisy-chosen",
      tabs: ["tabs tabs-border", "tabs tabs-box", "tabs tabs-lift"],
      tab: "tab",
      tabActive: "tab-active",
      menu: "menu",
      badge: ["badge", "badge badge-primary", "badge badge-outline", "badge badge-soft"],
      alert: ["alert alert-warning", "alert alert-info alert-soft", "alert alert-error alert-outline"],
      field: "fieldset",
      label: "label",
    },
    // Tailwind's reset, shortened, and the few sizes that a page would give by its utility classes.
    extra:
      "@layer base{*,::before,::after{box-sizing:border-box;margin:0;padding:0;border:0 solid}button,input,select,textarea{font:inherit;color:inherit;background-color:transparent}a{color:inherit;text-decoration:inherit}ul{list-style:none}table{border-collapse:collapse}h1{font-size:2.25rem;font-weight:700}h2{font-size:1.5rem;font-weight:700}h3,h4{font-size:1.2rem;font-weight:600}h5{font-weight:600}h1,h2,h3,h4,h5,p{margin:6px 0}} body{background:var(--color-base-100);color:var(--color-base-content);font-size:14px} .own-dialog,.own-popup,.own-top,.own-menu{background:var(--color-base-100)} .daisy-raised{background:var(--color-base-100);box-shadow:0 4px 12px #0003} .daisy-chosen{background:var(--color-base-300)} .menu svg{display:inline-block;vertical-align:middle}",
  },
  { library: "plain", split: "train", sheets: [], classes: {} },
  { library: "themed", split: "train", sheets: [], theme: randomTheme, classes: themedClasses },
  { library: "antd", split: "train", sheets: [], classes: {}, react: "antd" },
  { library: "mui", split: "train", sheets: [], classes: {}, react: "mui" },
  { library: "mantine", split: "train", sheets: ["@mantine/core/styles.css"], classes: {}, react: "mantine" },
  { library: "fluent", split: "train", sheets: [], classes: {}, react: "fluent" },
  { library: "carbon", split: "train", sheets: ["@carbon/styles/css/styles.min.css"], classes: {}, react: "carbon" },
  {
    library: "primer",
    split: "validation",
    sheets: ["@primer/css/dist/primer.css"],
    modes: ['data-color-mode="light" data-light-theme="light"', 'data-color-mode="dark" data-dark-theme="dark"'],
    classes: {
      button: ["btn", "btn btn-outline"],
      primary: "btn btn-primary",
      danger: "btn btn-danger",
      small: "btn-sm",
      input: "form-control",
      area: "form-control",
      select: "form-select",
      card: "Box",
      cardBody: "Box-body",
      tabs: "tabnav-tabs",
      tab: "tabnav-tab",
      tabActive: "selected",
      menu: "ActionList",
      field: "form-group",
      alert: "flash flash-warn",
      badge: "Label",
      nav: "UnderlineNav-body",
      list: "Box",
      item: "Box-row",
    },
  },
  {
    library: "bulma",
    split: "test",
    sheets: ["bulma/css/bulma.min.css"],
    modes: ['data-theme="light"', 'data-theme="dark"'],
    classes: {
      button: ["button", "button is-light"],
      primary: ["button is-primary", "button is-link", "button is-info"],
      danger: "button is-danger",
      small: "is-small",
      group: "buttons has-addons",
      input: "input",
      area: "textarea",
      selectWrap: "select",
      card: "box",
      cardBody: "",
      table: ["table is-fullwidth", "table is-striped is-fullwidth", "table is-bordered is-fullwidth"],
      menu: "menu-list box",
      tabs: "tabs",
      tabActive: "is-active",
      field: "field",
      label: "label",
      alert: "notification is-warning",
      badge: "tag",
      pagerLink: "pagination-link",
      nav: "breadcrumb",
    },
  },
  {
    library: "semantic",
    split: "test",
    sheets: ["semantic-ui-css/semantic.min.css"],
    classes: {
      button: ["ui button", "ui basic button"],
      primary: ["ui primary button", "ui teal button", "ui green button"],
      danger: "ui negative button",
      small: "small",
      group: "ui buttons",
      field: "field ui form",
      card: "ui segment",
      table: ["ui table", "ui celled table", "ui striped table"],
      list: "ui divided selection list",
      item: "item",
      itemActive: "active",
      menu: "ui vertical menu",
      menuItem: "item",
      tabs: "ui tabular menu",
      tab: "item",
      tabActive: "active",
      alert: "ui warning message visible",
      badge: "ui label",
    },
  },
  {
    library: "materialize",
    split: "test",
    sheets: ["materialize-css/dist/css/materialize.min.css"],
    classes: {
      button: ["btn-flat", "btn grey"],
      primary: "btn",
      danger: "btn red",
      small: "btn-small",
      select: "browser-default",
      check: "filled-in",
      area: "materialize-textarea",
      card: "card",
      cardBody: "card-content",
      table: ["", "striped", "highlight"],
      list: "collection",
      item: "collection-item",
      itemActive: "active",
      tabs: "tabs",
      tabsInner: "tab",
      tabActive: "active",
      pager: "pagination",
      badge: "chip",
    },
    extra: tallThumb(14),
    toggle: "wrapped",
  },
];
