const paths = {
  open: "M2.5 12.5v-9h4l1.5 2h5.5v2M2.5 12.5l2-5h10l-2 5z",
  play: "M5 3.5v9l7-4.5z",
  stop: "M4.5 4.5h7v7h-7z",
  close: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  eyeOff:
    "M2.5 2.5l11 11M6.5 3.8A6 6 0 0 1 8 3.5c4 0 6.5 4.5 6.5 4.5a11 11 0 0 1-2 2.5M4.2 4.8A10.5 10.5 0 0 0 1.5 8S4 12.5 8 12.5a6 6 0 0 0 3-.8",
  tag: "M2.5 3.5v4.2l5.8 5.8 5.2-5.2-5.8-5.8H3.5a1 1 0 0 0-1 1zM5.2 5.9v.2",
  tagOff: "M2.5 2.5l11 11M2.5 5.5v2.2l5.8 5.8 2.6-2.6M6.2 2.5h1.5l5.8 5.8-1 1",
  funnel: "M2.5 3h11l-4.2 5.2v4.3l-2.6-1.5V8.2z",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2",
  isolate: "M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11M5.5 6.5h5v3h-5z",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  moon: "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z",
  system: "M2 3.5h12v7.5H2zM6 13.5h4",
  warning: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.3",
  error: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.5M8 10.8v.3",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  keyboard: "M1.5 4h13v8.5h-13zM4 6.8v.1M6.6 6.8v.1M9.3 6.8v.1M12 6.8v.1M4.8 9.8h6.4",
  check: "M3 8.5l3.5 3.5L13 4.5",
  library: "M2.5 3.5h11M2.5 8h11M2.5 12.5h11",
  batch: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  models: "M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 7.8l5.5-3M8 7.8v6.4",
  export: "M8 10V2.5M5 5.5l3-3 3 3M2.5 9.5v4h11v-4",
  swap: "M3 5.5h10M10.5 3L13 5.5 10.5 8M13 10.5H3M5.5 8L3 10.5 5.5 13",
  operators: "M2.5 13.5h11M4 11V8M7 11V3M10 11V6M13 11V9",
  doctor: "M1.5 8.5h3l1.5-5 3 9.5 2-6.5 1 2h2.5",
  settings: "M2.5 4.5h5.5M11.5 4.5h2M8 3v3M2.5 11.5h2M8 11.5h5.5M8 10v3",
  image: "M2.5 3h11v10h-11zM2.5 11l3-3.5 2.5 2.5 2-2 3.5 3.5M10.5 5.8v.2",
} as const;

export type IconName = keyof typeof paths;

/** A 16 px line icon. It never carries meaning alone: the text beside it or the control's label does. */
export function Icon({ name, filled = false }: { readonly name: IconName; readonly filled?: boolean }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill={filled ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
