import { formatCount, plural } from "../../../app/presentation/numbers.ts";
import { libraryRuns, libraryTargets } from "../../store/library-slice.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Blank } from "../../ui/Blank.tsx";
import { Button } from "../../ui/Button.tsx";
import { WideView } from "../app/WideView.tsx";
import { ExportMenu } from "../export/ExportMenu.tsx";
import { LibraryDetails } from "./LibraryDetails.tsx";
import { LibraryFilters } from "./LibraryFilters.tsx";
import { LibraryGrid } from "./LibraryGrid.tsx";
import styles from "./LibraryView.module.css";

/** All stored runs: found, sorted, named, compared, exported and deleted here. */
export default function LibraryView() {
  const commands = useCommands();
  const library = useApp((state) => state.library);
  const shown = libraryRuns(library);
  const chosen = libraryTargets(library);

  return (
    <WideView
      title="Library"
      label="Library of runs"
      about={
        <p data-testid="library-count" role="status">
          {countText(library.status === "read", shown.length, library.runs.length)}
        </p>
      }
      actions={
        <>
          {library.selection.ids.size > 0 && (
            <Button look="quiet" onClick={() => commands.library.selectNone()}>
              {formatCount(chosen.length)} selected: clear
            </Button>
          )}
          <ExportMenu runIds={chosen} about={chosen.length === 1 ? "run" : "selection"} />
          <Button
            disabled={chosen.length < 2}
            data-testid="library-compare"
            onClick={() => void commands.compare.open(chosen)}
          >
            Compare
          </Button>
          <Button
            look="danger"
            disabled={chosen.length === 0}
            data-testid="library-delete"
            onClick={() => void commands.library.delete()}
          >
            Delete
          </Button>
          <Button
            look="danger"
            disabled={chosen.length === 0}
            data-testid="library-delete-images"
            onClick={() => void commands.kept.askSelected()}
          >
            Delete with screenshots…
          </Button>
        </>
      }
      closeLabel="Close the library"
      head="joined"
      testId="library"
    >
      <LibraryFilters />
      <div className={styles.body}>
        {library.runs.length === 0 ? <NoRuns read={library.status === "read"} /> : <LibraryGrid runs={shown} />}
        <LibraryDetails />
      </div>
    </WideView>
  );
}

function countText(read: boolean, shown: number, all: number): string {
  if (!read && all === 0) return "Reading…";
  return shown === all ? plural(all, "run") : `${formatCount(shown)} of ${plural(all, "run")}`;
}

function NoRuns({ read }: { readonly read: boolean }) {
  return (
    <Blank className={styles.blank}>
      {read && (
        <>
          <h3>No runs yet</h3>
          <p>
            Every detection is kept here with its times and boxes. Drop a screenshot to make the first one, or drop a
            run file from another machine.
          </p>
        </>
      )}
    </Blank>
  );
}
