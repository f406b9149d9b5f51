import { z } from "zod";

/** Limits of annotations; a list of thousands of runs includes them all. */
export const annotationLimits = { nameLength: 120, tagLength: 40, tags: 20, noteLength: 2000 } as const;

const nameSchema = z.string().trim().max(annotationLimits.nameLength);
const noteSchema = z.string().trim().max(annotationLimits.noteLength);
export const tagSchema = z.string().trim().min(1).max(annotationLimits.tagLength);
const tagsSchema = z.array(tagSchema).max(annotationLimits.tags);

/** What a user wrote beside a run. The record itself never changes. */
export const runAnnotationsSchema = z.object({
  name: nameSchema.min(1).optional(),
  tags: tagsSchema.default([]),
  note: noteSchema.min(1).optional(),
});
export type RunAnnotations = z.infer<typeof runAnnotationsSchema>;

/** Only the fields to change: an empty name or note removes it; tags are replaced as a whole. */
export const annotationPatchSchema = z.object({
  name: nameSchema.optional(),
  tags: tagsSchema.optional(),
  note: noteSchema.optional(),
});
export type AnnotationPatch = z.infer<typeof annotationPatchSchema>;

/** The annotations with the patch laid over them; each tag once, in the order given. */
export function annotated(before: RunAnnotations, patch: AnnotationPatch): RunAnnotations {
  const name = patch.name ?? before.name;
  const note = patch.note ?? before.note;
  return {
    ...(name === undefined || name === "" ? {} : { name }),
    tags: [...new Set(patch.tags ?? before.tags)],
    ...(note === undefined || note === "" ? {} : { note }),
  };
}
