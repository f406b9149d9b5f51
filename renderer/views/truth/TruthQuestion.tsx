import type { TruthQuestion as Question } from "../../store/truth-slice.ts";
import { useApp } from "../../store/use-app.tsx";
import { ImageQuestion } from "./ImageQuestion.tsx";
import { UnitQuestion } from "./UnitQuestion.tsx";

/** Asks what a truth file leaves open, one question after the other. */
export default function TruthQuestion({ question }: { readonly question: Question }) {
  const waiting = useApp((state) => state.truth.questions.length - 1);
  return question.kind === "unit" ? (
    <UnitQuestion question={question} waiting={waiting} />
  ) : (
    <ImageQuestion key={question.document.source} question={question} />
  );
}
