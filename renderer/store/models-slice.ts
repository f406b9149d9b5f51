import type {
  ErrorInfo,
  MethodResult,
  ModelJob,
  ModelStorage,
  ModelSuggestion,
  PairInspection,
  RemoteListing,
} from "../../app/contract/index.ts";

/** What is looked up at the hub. */
export interface HubState {
  /** As written in the field. */
  readonly reference: string;
  readonly looking: boolean;
  readonly listing: RemoteListing | undefined;
  /** Why the last question had no answer. */
  readonly error: ErrorInfo | undefined;
  /** Paths chosen from the listing. */
  readonly model: string | undefined;
  readonly mmproj: string | undefined;
}

/** What the window knows of model files; the models themselves are in the host's slice. */
export interface ModelsState {
  readonly storage: ModelStorage | undefined;
  readonly suggestions: readonly ModelSuggestion[];
  /** How models can be asked. */
  readonly presets: MethodResult<"models.presets.list">["presets"];
  readonly jobs: readonly ModelJob[];
  /** Ended jobs that the user has put away. */
  readonly hiddenJobs: readonly string[];
  /** Headers by model id, as far as they were read. */
  readonly inspections: Readonly<Record<string, PairInspection>>;
  /** Why headers could not be read, by model id. */
  readonly unreadable: Readonly<Record<string, ErrorInfo>>;
  /** The model whose loading was asked for. */
  readonly loadingId: string | undefined;
  readonly hub: HubState;
}

export const initialModels: ModelsState = {
  storage: undefined,
  suggestions: [],
  presets: [],
  jobs: [],
  hiddenJobs: [],
  inspections: {},
  unreadable: {},
  loadingId: undefined,
  hub: {
    reference: "",
    looking: false,
    listing: undefined,
    error: undefined,
    model: undefined,
    mmproj: undefined,
  },
};
