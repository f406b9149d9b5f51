import type { ReactNode } from "react";
import type { DoctorReport } from "../../../app/contract/index.ts";
import { formatBytes, formatCount } from "../../model/format.ts";
import styles from "./Evidence.module.css";
import { SourceLine } from "./EvidenceList.tsx";

/** The figures of the report that are tables: tensor types, memory, what fits. */
export function EvidenceTables({ report }: { readonly report: DoctorReport }) {
  return (
    <>
      {report.files.map((file) => (
        <EvidenceTable
          key={file.role}
          title={`Tensors of the ${file.role} (${formatBytes(file.summary.bytes)})`}
          heads={["Type", "Tensors", "Size", "What this backend does with it"]}
          numbers={[1, 2]}
        >
          {file.types.map(({ type, tensors, bytes, note, source }) => (
            <tr key={type}>
              <th scope="row">{type}</th>
              <td className={styles.number}>{formatCount(tensors)}</td>
              <td className={styles.number}>{formatBytes(bytes)}</td>
              <td>
                {note}
                <SourceLine source={source} />
              </td>
            </tr>
          ))}
        </EvidenceTable>
      ))}
      {report.memory.length > 0 && (
        <EvidenceTable
          title="Memory by device, as the engine counts it"
          heads={["Part", "Weights", "KV cache", "Compute"]}
          numbers={[1, 2, 3]}
        >
          {report.memory.map(({ part, device, weights, kvCache, compute, source }) => (
            <tr key={`${part} ${device}`}>
              <th scope="row">
                {part.replace("-", " ")} on {device}
                <SourceLine source={source} />
              </th>
              <td className={styles.number}>{formatBytes(weights)}</td>
              <td className={styles.number}>{formatBytes(kvCache)}</td>
              <td className={styles.number}>{formatBytes(compute)}</td>
            </tr>
          ))}
        </EvidenceTable>
      )}
      {report.fits.length > 0 && (
        <EvidenceTable
          title="What fits (estimates)"
          heads={["Image tokens", "Context", "GPU", "Main memory", "Fits"]}
          numbers={[0, 1, 2, 3]}
        >
          {report.fits.map(({ imageTokens, contextTokens, gpuBytes, cpuBytes, fits, note, source }) => (
            <tr key={`${imageTokens} ${contextTokens}`}>
              <td className={styles.number}>{formatCount(imageTokens)}</td>
              <td className={styles.number}>{formatCount(contextTokens)}</td>
              <td className={styles.number}>{formatBytes(gpuBytes)}</td>
              <td className={styles.number}>{formatBytes(cpuBytes)}</td>
              <td>
                {fits ? "yes" : "no"}. {note}
                <SourceLine source={source} />
              </td>
            </tr>
          ))}
        </EvidenceTable>
      )}
    </>
  );
}

interface EvidenceTableProps {
  readonly title: string;
  readonly heads: readonly string[];
  /** Columns of figures. */
  readonly numbers: readonly number[];
  readonly children: ReactNode;
}

function EvidenceTable({ title, heads, numbers, children }: EvidenceTableProps) {
  return (
    <section className={styles.card} aria-label={title}>
      <h4 className={styles.title}>{title}</h4>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region without this cannot be scrolled by keyboard. */}
      <section className={styles.frame} aria-label={`Table: ${title}`} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {heads.map((head, index) => (
                <th key={head} scope="col" className={numbers.includes(index) ? styles.number : undefined}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </section>
    </section>
  );
}
