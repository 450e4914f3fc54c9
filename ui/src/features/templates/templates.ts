// Templates as the page reads, finds, fills in and changes them.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asked, type Schemas } from "../../api/client";
import { useComplaint } from "../../app/complaints";

export type Template = Schemas["TemplateView"];

const TEMPLATES = ["templates"] as const;

export function useTemplates(enabled = true) {
  return useQuery({
    queryKey: TEMPLATES,
    queryFn: () => asked(api.GET("/api/v1/templates")),
    enabled,
  });
}

/** What is typed after `/`, while nothing but it is typed; null: no template is asked for. */
export function askedFor(text: string): string | null {
  return /^\/([^\n/]*)$/.exec(text)?.[1] ?? null;
}

/** Whose name begins with the word, then whose name has it, then whose text has it. */
export function matching(templates: readonly Template[], word: string): readonly Template[] {
  const wanted = word.trim().toLowerCase();
  const rank = ({ name, text }: Template) => {
    const at = name.toLowerCase().indexOf(wanted);
    if (at >= 0) return at === 0 ? 0 : 1;
    return text.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return templates.filter((one) => rank(one) < 3).toSorted((a, b) => rank(a) - rank(b));
}

/** The text with the person's name in its place; for nameless people, without the place. */
export function filled(text: string, name: string | null): string {
  if (name !== null) return text.replaceAll("{name}", name);
  return text.replace(/^\{name\}[,!]?\s*/, "").replace(/,?[ \t]*\{name\}/g, "");
}

/** A change of templates; the list is read again after it. */
export function useTemplateChange<Wanted, Answer>(change: (wanted: Wanted) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => cache.invalidateQueries({ queryKey: TEMPLATES }),
  });
}

export function useTemplateRemoval() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      asked(
        api.DELETE("/api/v1/templates/{template_id}", { params: { path: { template_id: id } } }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: TEMPLATES }),
    onError: useComplaint(),
  });
}

export const keepTemplate = ({ id, ...body }: Schemas["NewTemplate"] & { id: string | null }) =>
  id === null
    ? asked(api.POST("/api/v1/templates", { body }))
    : asked(
        api.PATCH("/api/v1/templates/{template_id}", {
          params: { path: { template_id: id } },
          body,
        }),
      );
