import type { ReactNode } from "react";
import type { DoctorReport } from "../../../app/contract/index.ts";
import { formatBytes, formatCount } from "../../../app/presentation/numbers.ts";
import { Table, type TableHeads, textHead } from "../../ui/Table.tsx";
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
          heads={["Type", "Tensors", "Size", textHead("What this backend does with it")]}
        >
          {file.types.map(({ type, tensors, bytes, note, source }) => (
            <tr key={type}>
              <th scope="row">{type}</th>
              <td>{formatCount(tensors)}</td>
              <td>{formatBytes(bytes)}</td>
              <td className={styles.text}>
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
        >
          {report.memory.map(({ part, device, weights, kvCache, compute, source }) => (
            <tr key={`${part} ${device}`}>
              <th scope="row">
                {part.replace("-", " ")} on {device}
                <SourceLine source={source} />
              </th>
              <td>{formatBytes(weights)}</td>
              <td>{formatBytes(kvCache)}</td>
              <td>{formatBytes(compute)}</td>
            </tr>
          ))}
        </EvidenceTable>
      )}
      {report.fits.length > 0 && (
        <EvidenceTable
          title="What fits (estimates)"
          heads={["Image tokens", "Context", "GPU", "Main memory", textHead("Fits")]}
        >
          {report.fits.map(({ imageTokens, contextTokens, gpuBytes, cpuBytes, fits, note, source }) => (
            <tr key={`${imageTokens} ${contextTokens}`}>
              <td>{formatCount(imageTokens)}</td>
              <td>{formatCount(contextTokens)}</td>
              <td>{formatBytes(gpuBytes)}</td>
              <td>{formatBytes(cpuBytes)}</td>
              <td className={styles.text}>
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
  readonly heads: TableHeads;
  readonly children: ReactNode;
}

function EvidenceTable({ title, heads, children }: EvidenceTableProps) {
  return (
    <section className={styles.card} aria-label={title}>
      <h4 className={styles.title}>{title}</h4>
      <Table className={styles.table} heads={heads} frame={`Table: ${title}`}>
        {children}
      </Table>
    </section>
  );
}
