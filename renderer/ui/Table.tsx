import { type ComponentProps, isValidElement, type ReactElement, type ReactNode } from "react";
import { cx } from "./cx.ts";
import { ScrollRegion } from "./ScrollRegion.tsx";
import styles from "./Table.module.css";

type Head = string | readonly [text: string, className: string | undefined] | ReactElement;
export type TableHeads = readonly Head[];

/** Class of a cell, or of a head, that holds text in place of a figure. */
export const textCell: string | undefined = styles.text;

/** The head of a column of text. */
export const textHead = (text: string): Head => [text, textCell];

type TableProps = Omit<ComponentProps<"table">, "frame"> & {
  /** Heads of the columns: texts, texts with a class of their cell, or whole `<th>` with a key. */
  readonly heads: TableHeads;
  readonly caption?: ReactNode;
  /** Rows of the foot. */
  readonly foot?: ReactNode;
  /** Names the frame in which a table that is too wide scrolls; without it there is no frame. */
  readonly frame?: string;
  readonly testId?: string;
  /** Rows of the body. */
  readonly children: ReactNode;
};

/** A table of figures: the first column names the rows. `--cell-padding` sets how close its cells stand. */
export function Table({ heads, caption, foot, frame, testId, className, children, ...rest }: TableProps) {
  const table = (
    <table className={cx(styles.table, className)} data-testid={testId} {...rest}>
      {caption}
      <thead>
        <tr>
          {heads.map((head) => {
            if (isValidElement(head)) return head;
            const [text, look] = typeof head === "string" ? [head] : head;
            return (
              <th key={text} scope="col" className={look}>
                {text}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>{children}</tbody>
      {foot !== undefined && <tfoot>{foot}</tfoot>}
    </table>
  );
  return frame === undefined ? (
    table
  ) : (
    <ScrollRegion label={frame} className={styles.frame}>
      {table}
    </ScrollRegion>
  );
}
