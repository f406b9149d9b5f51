import { type Filter, openFilter } from "../model/declutter/filter.ts";

/** What is left out of the picture. It stays when another image or run is shown, except `only`: ids belong to a run. */
export type FilterState = Filter;

export const initialFilter: FilterState = openFilter;
