import { z } from "zod";

/**
 * Texts of records and settings, which may come from other machines, with limits in UTF-16 units that no honest one
 * reaches: what is stored is shown, searched and sent to every window.
 */
export const shortText = z.string().max(65_536);
/** A prompt, a whole answer, the last lines of a log. */
export const longText = z.string().max(4_194_304);
