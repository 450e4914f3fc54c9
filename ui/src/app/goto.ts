// What Ctrl+K finds: pages, channels and chats by the beginning of a word, by number, by anything within.
export interface Goal {
  readonly id: string;
  readonly kind: "page" | "channel" | "chat" | "colours";
  readonly name: string;
  readonly more: string;
  go(): void;
}

export function found(goals: readonly Goal[], words: string, most: number): readonly Goal[] {
  const wanted = words.trim().toLowerCase();
  const digits = wanted.replace(/[\s()+-]/g, "");
  const rank = ({ name, more }: Goal) => {
    const inside = name.toLowerCase();
    if (inside.startsWith(wanted)) return 0;
    if (inside.split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
    if (inside.includes(wanted)) return 2;
    return /^\d{2,}$/.test(digits) && more.replace(/\D/g, "").includes(digits) ? 3 : 4;
  };
  return goals
    .filter((goal) => rank(goal) < 4)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, most);
}
