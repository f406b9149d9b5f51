import { lazy, Suspense } from "react";
import { Notices } from "../notices/Notices.tsx";
import styles from "./App.module.css";

// Wide views: none is on the first screen, so each loads when it is first opened.
const views = {
  library: lazy(() => import("../library/LibraryView.tsx")),
  compare: lazy(() => import("../compare/CompareView.tsx")),
  models: lazy(() => import("../models/ModelsView.tsx")),
  batch: lazy(() => import("../batch/BatchView.tsx")),
  doctor: lazy(() => import("../doctor/DoctorView.tsx")),
  settings: lazy(() => import("../settings/SettingsView.tsx")),
  operators: lazy(() => import("../operators/OperatorsView.tsx")),
} as const;

export type WideScreenName = keyof typeof views;

export function isWide(screen: string): screen is WideScreenName {
  return screen in views;
}

/** A view that takes the whole room below the top bar. */
export function WideScreen({ screen }: { readonly screen: WideScreenName }) {
  const View = views[screen];
  return (
    <main className={styles.wide}>
      <Notices />
      <Suspense fallback={null}>
        <View />
      </Suspense>
    </main>
  );
}
